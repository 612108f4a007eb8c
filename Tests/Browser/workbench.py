"""The workbench in Chromium, by keyboard alone: inbox, one case, decision, return, extension, correction.

Cases come to a clerk because the court's list is switched off while they are handed in.
"""

import re
import sqlite3
import time
import urllib.parse
import urllib.request

from journeys import fill, hold, links, links_of, printed, shipped, sign, sign_in, start
from visitor import Visitor

FOCUS = "getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).boxShadow"


def switch(town, party, words):
    """Turns a switch of a simulator on its own board."""
    body = urllib.parse.urlencode({"switch": words}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{town['parties'][party]}/control", data=body)).read()


def asked(browser, base, town, login, kind, change=None):
    """A case up to its signing links, opened by a founder with the mouse; returns the visitor, number and code."""
    data = shipped(kind, login)
    if change:
        change(data)
    founder = Visitor(browser, base, login, scripts=kind == "llc")
    founder.searching = False
    sign_in(founder, login, "/my")
    draft = start(founder, kind)
    founder.go(draft)
    number = re.search(r"\d{20,}", founder.text()).group()
    code = re.search(r"查询码\s*([0-9A-Z]{6})", founder.text()).group(1)
    founder.go(f"{draft}/name")
    fill(founder, data)
    founder.click("main form[data-once] button.btn-primary")
    return founder, number, code


def waiting(browser, base, town, login, kind):
    """A case that waits for a clerk; returns its number."""
    founder, number, _ = asked(browser, base, town, login, kind)
    for link in links(founder):
        sign(founder, link)
    switch(town, "court-list", "down")
    founder.go(f"/cases/{number}/signers")
    founder.click("main form[data-once] button.btn-primary")
    switch(town, "court-list", "up")
    founder.close()
    return number


class Keys:
    """A clerk who has no mouse."""

    def __init__(self, visitor):
        self.visitor, self.page = visitor, visitor.page

    def to(self, what, most=80):
        """Tab until the element in focus is the one that is meant; every stop on the way shows where one is."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            hold(self.page.evaluate(FOCUS) != "nonenone", "no focus ring")
            if self.page.evaluate(f"document.activeElement.matches({what!r})"):
                return
        raise AssertionError(f"{self.visitor.path}: {what} is not reached by Tab")

    def enter(self, key="Enter"):
        """Presses a key that leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.page.wait_for_load_state("load")
        self.visitor.look()

    def act(self, key, **answers):
        """Opens the act behind Alt+key, answers its boxes by their names, presses its button."""
        self.page.keyboard.press(f"Alt+{key}")
        # With the act its first box is open.
        here = "document.activeElement.closest('details[open] form') !== null"
        for _ in range(50):
            if self.page.evaluate(here):
                break
            time.sleep(0.1)
        hold(self.page.evaluate(here), f"Alt+{key} opens nothing")
        self.visitor.look()
        for name, answer in answers.items():
            name = name.replace("_", "-") if not name.startswith("_") else name
            if not self.page.evaluate("name => document.activeElement.name === name", name):
                self.to(f"[name={name}]")
            if self.page.evaluate("document.activeElement.matches('select')"):
                self.choose(answer)
            elif answer is True:
                self.page.keyboard.press("Space")
            else:
                self.page.keyboard.press("Control+a")
                self.page.keyboard.type(answer)
        if self.visitor.shots:
            self.visitor.picture(f"act-{key}")
        # The same key again leads back to the first box, and what was typed stays.
        typed = "[...document.activeElement.form.elements].map(one => one.type === 'checkbox' ? one.checked : one.value)"
        before = self.page.evaluate(typed)
        self.page.keyboard.press(f"Alt+{key}")
        first = "document.activeElement.closest('details[open] form')?.querySelector('textarea, select, input:not([type=hidden])')"
        hold(self.page.evaluate(f"{first} === document.activeElement"), f"Alt+{key} again leaves the first box")
        hold(self.page.evaluate(typed) == before, f"Alt+{key} again changes what was typed")
        self.to("button")
        self.enter()

    def choose(self, label):
        """Goes through a list with the arrow keys."""
        for _ in range(60):
            if self.page.evaluate("document.activeElement.selectedOptions[0].label") == label:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no {label} in the list")


def clerk(browser, base, login, shots, **kind):
    visitor = Visitor(browser, base, f"{login}-phone" if kind.get("phone") else login, shots=shots, **kind)
    sign_in(visitor, login, "/desk")
    return visitor, Keys(visitor)


def to_case(keys, number):
    """From the inbox to one case."""
    keys.visitor.go("/desk")
    hold(listed(keys.visitor, number), "the case is not in the inbox")
    case = keys.page.locator(f"main a[href^='/desk/cases/']", has_text=number).first.get_attribute("href")
    keys.to(f"a[href='{case}']")
    keys.enter()
    return case


def listed(visitor, number):
    """Whether the inbox's table holds a case."""
    return any(number in one for one in visitor.page.locator("main table.data").all_inner_texts())


def failed_only(keys):
    """What stands in the way is open, every rule that passed is behind a title."""
    shown = [one for one in keys.page.locator("#rules > article .badge, #rules > article .state").all_inner_texts()]
    hold(keys.page.locator("#rules > article").count() >= 1, "no failed rule is shown")
    hold(not any("通过" == one.strip() for one in shown), "a rule that passed stands among the failed")
    hold(not keys.page.locator("#rules > details").first.evaluate("one => one.open"), "all rules stand open")


def unfolds(keys):
    """Long parts are folded, one key opens them all, and paper shows them all without being asked."""
    page, closed = keys.page, "#form details.fold:not([open])"
    hold(page.locator(closed).count() >= 5, "the form is not folded")
    height = page.evaluate("document.documentElement.scrollHeight")
    hold(height < 3_000, f"the folded case is {height} px tall")
    words = re.sub(r"\s", "", page.locator("#form details.fold dd").last.text_content())
    hold(words in re.sub(r"\s", "", printed(keys.visitor)), "the print lacks what is folded")
    page.keyboard.press("Alt+o")
    hold(page.locator("details.fold:not([open])").count() == 0, "Alt+o leaves something closed")


def workbench(browser, base, shots, town):
    returned = waiting(browser, base, town, "zhangsan", "llc")
    granted = waiting(browser, base, town, "wangwu", "llc")

    registrar, keys = clerk(browser, base, "registrar", shots)
    case = to_case(keys, returned)
    failed_only(keys)
    unfolds(keys)
    phone, _ = clerk(browser, base, "registrar", shots, phone=True)
    phone.go(case)
    phone.close()
    registrar.go(case)
    keys.enter("Alt+c")
    premises = {"what_1": "请补正住所使用证明", "why_1": "市场主体登记管理条例第十六条", "how_1": "上传房产证或者租赁合同"}
    keys.act("r", **premises, what_2="请更正经营范围", why_2="经营范围应使用规范表述", how_2="改用规范表述")
    hold(registrar.path == "/desk" and not listed(registrar, returned), "the returned case is still in the inbox")

    head, head_keys = clerk(browser, base, "head", shots)
    case = to_case(head_keys, granted)
    head_keys.act("e", reason="情形复杂，需要核实")
    hold(head.path == case and "审查期限" in head.text(), "the extension is not shown")
    head.go("/desk/measures")
    head.close()

    to_case(keys, granted)
    keys.enter("Alt+c")
    keys.act("g", reason="已核实")
    hold(registrar.path == "/desk" and not listed(registrar, granted), "the granted case is still in the inbox")
    code = ""
    for _ in range(40):
        registrar.page.goto(f"{base}{case}")
        found = re.search(r"\b9[0-9A-Z]{17}\b", registrar.text())
        if found:
            code = found.group()
            break
        time.sleep(0.5)
    hold(code, "no credit code on the page of the granted case")
    registrar.go("/desk/measures", status=403)
    registrar.close()

    corrector, keys = clerk(browser, base, "corrector", shots)
    corrector.go("/desk/corrections")
    board(browser, town, "engraver", shots)
    keys.page.keyboard.press("Alt+f")
    keys.page.keyboard.type(code)
    keys.enter()
    # The code belongs to a case and to an entry: both are shown.
    keys.to(f"a[href='/desk/corrections/{code}']")
    keys.enter()
    hold(corrector.path == f"/desk/corrections/{code}", "the code does not lead to the register entry")
    keys.act("k", value_address="内蒙古自治区包头市昆都仑区少先路街道少先社区少先路12号2楼301室", reason="录入笔误")
    hold("少先路12号2楼301室" in corrector.text(), "the slip is not proposed")
    head, head_keys = clerk(browser, base, "head", shots)
    head.go(f"/desk/corrections/{code}")
    head_keys.enter("Alt+c")
    hold("少先路12号2楼301室" in head.text() and "已更正" in head.text(), "the slip is not put right by a second person")
    head.close()
    corrector.go(f"/desk/corrections/{code}")
    keys.act("p", promise="住所真实、可以联系", facts="按登记住所无法联系")
    hold("已责令改正" in corrector.text(), "the promise is not ordered put right")
    keys.act("c", reason="已恢复联系")
    hold("已改正" in corrector.text(), "the order is not done")
    keys.act("o", item="备案：登记联络员", reason="联络员系冒名")
    hold("待决定是否受理" in corrector.text(), "the matter of the filing is not open")
    corrector.look(again=True)
    corrector.close()
    return registrar.count + head.count + corrector.count


def waiting_line(browser, base, shots, town):
    """A party that is silent: its clerk refuses by hand, in words that the founder reads."""
    switch(town, "tax", "silent")
    founder, number, _ = asked(browser, base, town, "wuyun", "sole-trader")
    for link in links(founder):
        sign(founder, link)
    founder.go(f"/cases/{number}/signers")
    founder.click("main form[data-once] button.btn-primary")
    tax = Visitor(browser, base, "tax", shots=shots)
    sign_in(tax, "tax", "/desk/lines")
    keys = Keys(tax)
    for _ in range(40):
        tax.page.goto(f"{base}/desk/lines")
        if number in tax.text():
            break
        time.sleep(0.5)
    row = tax.page.locator("#lines tr", has_text=number).locator("a").first.get_attribute("href")
    tax.go("/desk/lines")
    keys.to(f"a[href='{row}']")
    keys.enter()
    hold("creditCode" not in tax.text() and "统一社会信用代码" in tax.text(), "a field stands under the name it travels by")
    keys.act("x", code="税务实名采集未完成")
    hold("退回" in tax.text(), "the line is not returned")
    switch(town, "tax", "up")
    tax.close()
    founder.go(f"/cases/{number}/result")
    hold("税务实名采集未完成" in founder.text(), "the founder does not read why")
    founder.close()
    return tax.count


def links_and_engravers(browser, base, shots, town):
    """A link whose time is over, and another engraver in the place of one who cannot."""
    founder, number, _ = asked(browser, base, town, "zhaoliu", "llc")
    first, *others = links(founder)
    for link in others:
        sign(founder, link)
    age(town, number)
    guest = Visitor(browser, base, "expired", phone=True, shots=shots)
    guest.go(first, status=410)
    hold("已过期" in guest.text() and "重新发送" in guest.text(), "the page does not say that the time of the link is over")
    guest.close()
    founder.go(f"/cases/{number}/signers")
    founder.click("main section[id^=signer-] form button")
    fresh = next(link for link in links_of(founder, number) if link not in others)
    sign(founder, fresh)
    switch(town, "engraver", "make: refuse out-of-service once")
    founder.go(f"/cases/{number}/signers")
    founder.click("main form[data-once] button.btn-primary")
    owner = Visitor(browser, base, "engraver", shots=shots)
    sign_in(owner, "zhaoliu", "/my")
    for _ in range(60):
        owner.page.goto(f"{base}/cases/{number}/result")
        if owner.page.locator("select[name=engraver]").count():
            break
        time.sleep(0.5)
    owner.look()
    picker = owner.page.locator("select[name=engraver]").first
    options = [one.get_attribute("value") for one in picker.locator("option").all() if one.get_attribute("value")]
    hold(len(options) > 1, "there is no other engraver to choose")
    chosen = picker.input_value()
    picker.select_option(next(one for one in options if one != chosen))
    form = owner.page.locator("form:has(select[name=engraver])").first
    form.locator("button[value=resubmitted], button").first.click()
    owner.page.wait_for_load_state("load")
    for _ in range(60):
        owner.page.goto(f"{base}/cases/{number}/result")
        if owner.page.locator("select[name=engraver]").count() == 0:
            break
        time.sleep(0.5)
    hold(owner.page.locator("select[name=engraver]").count() == 0, "the other engraver was not taken")
    owner.look(again=True)
    owner.close()
    founder.close()
    return guest.count + owner.count


def age(town, number):
    """Lets the time of every open link of a case be over: the demonstration's clock is the wall's."""
    store = sqlite3.connect(f"{town['data']}/suban.sqlite", timeout=20)
    with store:
        store.execute(
            "UPDATE case_signer SET expires_at = 1, version = version + 1 WHERE signed_at IS NULL AND case_id = "
            "(SELECT id FROM case_case WHERE number = ?)",
            (number,),
        )
    store.close()


def counter(browser, base, shots, town):
    """A firm that no register knows signs in front of the clerk, who has the keyboard only."""

    def with_firm(data):
        holders = data["shareholders"]
        holders[1] = {
            "kind": "organisation", "name": "中国工商银行股份有限公司", "creditCode": "91150203MA0N000164",
            "organisationKind": "company", "signerName": "赵青", "signerIdKind": "resident-id",
            "signerIdNumber": "150203197506060014", "signerPhone": "13800009999",
            "amount": holders[1]["amount"], "method": "cash", "dueDate": holders[1]["dueDate"],
        }
        data["beneficial"] = {"mode": "later"}
        data.pop("beneficialOwners", None)
        data["promises"].pop("beneficial", None)

    founder, number, code = asked(browser, base, town, "zhangsan", "llc", with_firm)
    founder.close()
    registrar, keys = clerk(browser, base, "registrar", shots)
    registrar.go("/desk/counter")
    keys.page.keyboard.press("Alt+f")
    keys.page.keyboard.type(number)
    keys.page.keyboard.press("Tab")
    keys.page.keyboard.type(code)
    keys.enter()
    hold("中国工商银行股份有限公司" in registrar.text(), "the firm that waits is not shown")
    for box in ("[value=standing]", "[value=representative-id]"):
        keys.to(f"input[name=proof]{box}")
        keys.page.keyboard.press("Space")
    keys.to("input[name=capacity]")
    keys.page.keyboard.press("Space")
    keys.to("input[name=signedBy]")
    keys.page.keyboard.type("赵青")
    keys.to("textarea[name=words]")
    keys.page.keyboard.type("事业单位法人证书 第 1 号")
    keys.to("button.btn-primary")
    keys.enter()
    hold("已登记" in registrar.text(), "the signature at the counter is not recorded")
    registrar.close()
    return registrar.count


def board(browser, town, party, shots):
    """A simulator's own board, which belongs to no site of ours: it is opened, and shows its switch."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.goto(town["parties"][party])
    hold(page.locator("[name=switch]").count() >= 1, "the board has no switch")
    if shots:
        page.screenshot(path=f"{shots}/board-{party}.png", full_page=True)
    context.close()


def small_screens(browser, base, shots, town):
    """The workbench's pages on a telephone, and the published root."""
    phone, _ = clerk(browser, base, "registrar", shots, phone=True)
    for path in ("/desk", "/desk/counter", "/desk/lines", "/desk/corrections", "/trust"):
        phone.go(path)
    phone.close()
    return phone.count


JOURNEYS = [workbench, waiting_line, links_and_engravers, counter, small_screens]
