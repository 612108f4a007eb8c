"""The opening of a business through the pages, in Chromium, as founders do it.

    python3 Tests/Browser/journeys.py http://127.0.0.1:8080 [--screens FOLDER]

The server is a demonstration (`suban serve --demo`). Every page that is visited is held against the rules for all
pages (visitor.py). Prints one line for each journey with its pages and its time; ends with 1 when one failed.
"""

import argparse
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback

from playwright.sync_api import sync_playwright

import answers
from visitor import Fault, Visitor

ROOT = pathlib.Path(__file__).resolve().parents[2]
DISTRICT = "150203"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def hold(truth, words):
    if not truth:
        raise Fault(words)


def shipped(kind, login):
    """The shipped example, under a name that nobody has; its founder is who signs in."""
    text = (ROOT / f"Resources/demo/{kind}.json").read_text()
    lines = (ROOT / "Resources/standards/demo-accounts.tsv").read_text().splitlines()
    columns = lines[0].split("\t")
    account = next(row for row in (dict(zip(columns, line.split("\t"))) for line in lines[1:]) if row["login"] == login)
    for known, own in (("张晓晨", "name"), ("150203198510120010", "document"), ("13800001234", "phone")):
        text = text.replace(known, account[own])
    data = json.loads(text)
    data["name"]["brand"] = "".join(random.choices("晨博瑞祥泰和盛隆源丰华益宏达兴旺嘉禾安宁", k=4))
    return data


def sign_in(visitor, login, then):
    visitor.go(f"/sign-in?next={then}")
    visitor.click(f"form:has(input[name=login][value={login}]) button")
    hold(visitor.path == then, f"signed in, {login} stands at {visitor.path}")


def start(visitor, kind):
    visitor.go(f"/apply/{kind}")
    visitor.page.locator("select[name=district]").select_option(DISTRICT)
    visitor.click("form.questions .form-buttons button")
    return re.match(r"/drafts/[^/]+", visitor.path).group()


def reserve(visitor, data):
    """名称自主申报: ask, promise, reserve, go on."""
    answers.answer(visitor, data)
    if visitor.page.locator("#f-promise").count():
        visitor.page.locator("#f-promise").check()
        visitor.click("#result form[data-once] .btn-primary >> nth=-1")
    visitor.look(again=True)
    visitor.click("#result a.btn-primary")


def fill(visitor, data, until="/check", at=None):
    """Answers page after page; `at` may do something of its own on a page first."""
    for _ in range(40):
        page = visitor.path.rsplit("/", 1)[1]
        if visitor.path.endswith(until):
            return
        if at and page in at:
            at.pop(page)()
        if page == "name":
            reserve(visitor, data)
        else:
            answers.answer(visitor, data)
    raise Fault(f"the form never came to {until}")


def links(visitor):
    found = visitor.page.locator("main a[href^='/sign/']")
    return [one.get_attribute("href") for one in found.all()]


def sign(visitor, link):
    visitor.go(link)
    visitor.click("#face button.btn-primary")
    visitor.page.locator("#sign input[name=agree]").check()
    visitor.click("#sign button.btn-primary")


def sign_elsewhere(browser, base, shots, founder, link):
    """On a telephone without scripts: once the face is shown there, the founder, who has the same link, cannot sign."""
    other = Visitor(browser, base, "signer", phone=True, scripts=False, shots=shots)
    other.go(link)
    other.click("#face button.btn-primary")
    hold(other.page.locator("#sign").count() == 1, "the face was shown and nothing can be signed")
    founder.go(link)
    hold(founder.page.locator("#sign").count() == 0, "a browser signs by a face that another one was shown")
    hold(founder.page.locator("#face").count() == 1, "the other browser is not asked for a face")
    founder.look(again=True)
    other.page.locator("#sign input[name=agree]").check()
    other.click("#sign button.btn-primary")
    other.close()
    return other.count


def hand_in(visitor, number):
    visitor.go(f"/cases/{number}/signers")
    visitor.click("main form[data-once] button.btn-primary")
    hold(visitor.path == f"/cases/{number}/result", "the result is not shown")
    for _ in range(60):
        visitor.page.reload()
        if visitor.page.locator("main a[href^='/wallet/']").count():
            visitor.look(again=True)
            return
        time.sleep(0.5)
    raise Fault("no licence within thirty seconds")


def summary_has_focus(visitor):
    """A wrong answer: the box of errors has the focus and its links lead to the questions."""
    page = visitor.page
    page.locator("[name=capital]").fill("许多")
    visitor.click("form.questions .form-buttons button")
    hold(page.evaluate("document.activeElement.id") == "error-summary", "the focus is not on the error summary")
    hold(page.title().startswith("错误："), "the title does not tell of errors")
    page.locator("#error-summary a").first.click()
    hold(page.evaluate("document.activeElement.name") == "capital", "the summary does not lead to the question")


def by_keyboard(visitor, data):
    """One page with the keyboard alone: from the skip link through the question to the next page."""
    page, here = visitor.page, visitor.path
    visitor.go(here)
    page.keyboard.press("Tab")
    hold(page.evaluate("document.activeElement.className") == "skip-link", "the skip link is not first")
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        hold(
            page.evaluate("getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).boxShadow") != "nonenone",
            "no focus ring",
        )
        if page.evaluate("document.activeElement.name") == "capital":
            break
    page.keyboard.press("Control+A")
    page.keyboard.type(answers.typed("capital", data["capital"]))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    hold(visitor.path != here, "Enter does not lead on")
    visitor.look()


def with_file(visitor, data):
    """A document for the premises is handed in, shown, taken away again."""
    page = visitor.page
    wish = {**data, "premises": {**data["premises"], "mode": "proof"}}
    answers.answer(visitor, wish, submit=False)
    page.locator("input[type=file][name='premises.proof']").first.set_input_files(
        {"name": "房产证.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    here = page.url
    visitor.click("form.questions .form-buttons button")
    visitor.go(here.removeprefix(visitor.base))
    hold("房产证.pdf" in visitor.text(), "the file is not shown")
    visitor.look(again=True)
    visitor.click("button[name=_drop]")
    hold("房产证.pdf" not in visitor.text(), "the file was not taken away")


def progress(browser, base, shots, number, code, **kind):
    """Anybody with number and code sees how it stands, and no whole name."""
    guest = Visitor(browser, base, "guest-en" if kind else "guest", shots=shots, **(kind or {"phone": True}))
    guest.go("/progress")
    guest.page.locator("[name=number]").fill(number)
    guest.page.locator("[name=code]").fill("222222")
    guest.click("form.questions .form-buttons button")
    hold(guest.page.locator("#error-summary").count() == 1, "a wrong code is taken")
    guest.page.locator("[name=code]").fill(code.lower())
    guest.click("form.questions .form-buttons button")
    hold(number in guest.text() and "张三" not in guest.text(), "the progress shows too little or too much")
    guest.close()
    return guest.count


def limited_company(browser, base, shots):
    data = shipped("llc", "zhangsan")
    founder = Visitor(browser, base, "company", shots=shots)
    for path in ("/", "/search?q=开办", "/guides/company-opening", "/verify", "/trust", "/sitemap"):
        founder.go(path)
    founder.go("/nothing", status=404)
    sign_in(founder, "zhangsan", "/my")
    unwanted = start(founder, "llc")
    founder.go(unwanted)
    founder.click(f"a[href='{unwanted}/discard']")
    founder.click("form .btn-danger")
    hold(founder.path == "/my" and "草稿已删除" in founder.text(), "the draft was not deleted")
    founder.go(unwanted)
    hold(founder.path.endswith("/result"), "a draft that was deleted does not lead to what became of it")
    draft = start(founder, "llc")
    founder.go(draft)
    number = re.search(r"\d{20,}", founder.text()).group()
    code = re.search(r"查询码\s*([0-9A-Z]{6})", founder.text()).group(1)
    founder.go(f"{draft}/name")
    fill(
        founder,
        data,
        at={
            "premises": lambda: with_file(founder, data),
            "capital": lambda: (summary_has_focus(founder), by_keyboard(founder, data)),
        },
    )
    founder.click("main form[data-once] button.btn-primary")
    first, *others = links(founder)
    founder.click(f"#signer-{founder.page.locator('main section[id^=signer-]').first.get_attribute('id').removeprefix('signer-')} form button")
    founder.go(first, status=410)
    fresh = next(link for link in links_of(founder, number) if link not in others)
    founder.go(fresh)
    founder.click("main .tasks a")
    founder.go(f"{fresh}/objection")
    founder.go(fresh)
    founder.page.locator("input[value='score:300']").check()
    founder.click("#face button.btn-primary")
    hold("30" in founder.page.locator("#face").inner_text(), "the low score is not shown")
    founder.click("#face button.btn-primary")
    founder.click("#sign button.btn-primary")
    hold(founder.page.locator("#error-summary").count() == 1, "signed without agreeing")
    founder.page.locator("#sign input[name=agree]").check()
    founder.click("#sign button.btn-primary")
    elsewhere = sign_elsewhere(browser, base, shots, founder, others[0])
    for link in others[1:]:
        sign(founder, link)
    hand_in(founder, number)
    hold(number in printed(founder), "the print lacks the number")
    founder.click("#papers a")
    founder.go(f"/cases/{number}/result")
    founder.click("main a[href^='/wallet/']")
    if subprocess.run(["which", "zbarimg"], capture_output=True).returncode == 0:
        read = scanned(founder)
        hold("/v/" in read, f"the code of the licence reads {read!r}")
    founder.click("main a[href^='/v/']")
    hold("真实有效" in founder.text(), "the licence does not verify")
    for path in ("/my", "/wallet", "/"):
        founder.go(path)
    founder.close()
    english = progress(browser, base, shots, number, code, locale="en-GB")
    return founder.count + elsewhere + progress(browser, base, shots, number, code) + english


def links_of(visitor, number):
    visitor.go(f"/cases/{number}/signers")
    return links(visitor)


def printed(visitor):
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        visitor.page.pdf(path=file.name, format="A4")
        return subprocess.run(["pdftotext", file.name, "-"], capture_output=True, text=True, check=True).stdout


def scanned(visitor):
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        visitor.page.locator(".qr").first.screenshot(path=file.name)
        found = subprocess.run(["zbarimg", "-q", "--raw", file.name], capture_output=True, text=True)
        return found.stdout.strip()


def sole_trader(browser, base, shots):
    """On a narrow phone, without scripts."""
    data = shipped("sole-trader", "lisi")
    trader = Visitor(browser, base, "trader", phone=True, width=360, scripts=False, shots=shots)
    trader.go("/")
    sign_in(trader, "lisi", "/my")
    draft = start(trader, "sole-trader")
    trader.go(draft)
    number = re.search(r"\d{20,}", trader.text()).group()
    trader.click("main .button-row a.btn-primary")
    fill(trader, data)
    trader.click("main form[data-once] button.btn-primary")
    for link in links(trader):
        sign(trader, link)
    hand_in(trader, number)
    trader.click("main a[href^='/wallet/']")
    hold("营业执照" in trader.text(), "no licence in the wallet")
    let_act(trader, "zhangsan")
    trader.go("/my")
    trader.close()
    return trader.count


def let_act(owner, login):
    """The owner lets somebody see the licences, and takes it back."""
    columns, *rows = (line.split("\t") for line in (ROOT / "Resources/standards/demo-accounts.tsv").read_text().splitlines())
    agent = next(dict(zip(columns, row)) for row in rows if row[0] == login)
    owner.click("main a[href$='/rights']")
    owner.click("main form:has(input[name=scope]) button.btn-primary")
    hold(owner.page.locator("#error-summary li").count() >= 3, "an empty form does not say what is missing")
    owner.page.locator("input[name=name]").fill(agent["name"])
    owner.page.locator("input[name=number]").fill(agent["document"])
    owner.page.locator("input[name=scope][value='licence.read']").check()
    owner.page.locator("input[name=until]").fill(time.strftime("%Y-%m-%d", time.localtime(time.time() + 90 * 86400)))
    owner.click("main form:has(input[name=scope]) button.btn-primary")
    hold(owner.page.locator("#error-summary").count() == 0, "the right is not given")
    hold(agent["name"] in owner.page.locator("#given").inner_text(), "the right is not shown")
    owner.look(again=True)
    owner.page.locator("#given summary").first.click()
    owner.click("#given form button.btn-danger")
    hold("已终止" in owner.page.locator("#given").inner_text(), "the right is not ended")


def other_readers(browser, base, shots):
    """In English, and in the version for the elderly."""
    reader = Visitor(browser, base, "english", locale="en-GB", shots=shots)
    for path in ("/", "/guides/company-opening", "/sign-in", "/progress", "/verify", "/trust"):
        reader.go(path)
    hold("IV\n" not in reader.text() and "business-licence" not in reader.text(), "raw codes on the guide")
    reader.close()
    elder = Visitor(browser, base, "elder", phone=True, shots=shots)
    elder.go("/")
    elder.click("button[name=mode][value=elder]")
    hold(elder.page.locator("html.elder").count() == 1, "the version for the elderly is not on")
    for path in ("/guides/company-opening", "/sign-in", "/progress"):
        elder.go(path)
    elder.close()
    return reader.count + elder.count


JOURNEYS = [limited_company, sole_trader, other_readers]


def town(given):
    """Where the simulators listen, from what the server said at its start, and where its data lie."""
    parties = {}
    if given.log:
        for line in pathlib.Path(given.log).read_text().splitlines():
            found = re.fullmatch(r"  (\S+)  (http://\S+)", line)
            if found:
                parties[found.group(1)] = found.group(2)
    return {"parties": parties, "data": given.data}


def main():
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("base")
    reader.add_argument("--screens", help="keep a picture of every page in this folder")
    reader.add_argument("--only", help="the name of one journey")
    reader.add_argument("--log", help="what the server printed at its start; with --data the workbench is walked as well")
    reader.add_argument("--data", help="the server's folder of data")
    given = reader.parse_args()
    if given.screens:
        pathlib.Path(given.screens).mkdir(parents=True, exist_ok=True)
    failed = False
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=os.environ.get("SUBAN_CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        journeys = [(journey, []) for journey in JOURNEYS]
        if given.log and given.data:
            import accounts
            import objections
            import sideroads
            import workbench

            beside = sideroads.JOURNEYS + objections.JOURNEYS + accounts.JOURNEYS + workbench.JOURNEYS
            journeys += [(journey, [town(given)]) for journey in beside]
        for journey, more in journeys:
            if given.only and journey.__name__ != given.only:
                continue
            begun = time.monotonic()
            try:
                pages = journey(browser, given.base.rstrip("/"), given.screens, *more)
                print(f"held   {journey.__name__}: {pages} pages, {time.monotonic() - begun:.0f} s", flush=True)
            except Exception as error:
                failed = True
                print(f"FAILED {journey.__name__}: {error}", flush=True)
                if not isinstance(error, Fault):
                    traceback.print_exc()
                for context in browser.contexts:
                    for page in context.pages:
                        print(f"       at {page.url}", flush=True)
                    context.close()
        browser.close()
    sys.exit(failed)


if __name__ == "__main__":
    main()
