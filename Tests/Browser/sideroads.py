"""What a founder meets beside the straight way, on a phone: a step back after an error, a link that ran out, an engraver
who cannot, a service that was put off."""

import re
import sqlite3
import time

from journeys import fill, hold, links, links_of, shipped, sign, sign_in, start
from visitor import Visitor
from workbench import switch


def run_out(town, number):
    """Lets every link of a case run out, as three days do."""
    base = sqlite3.connect(f"{town['data']}/suban.sqlite", timeout=20)
    with base:
        base.execute(
            "UPDATE case_signer SET expires_at = 1 WHERE case_id = (SELECT id FROM case_case WHERE number = ?)",
            (number,),
        )
    base.close()


def back_after_error(founder, data):
    """A number that is none, then the right one, then the browser's own way back: a page, and nothing is sent again."""
    page = founder.page
    page.locator("[name=capital]").fill("许多")
    founder.click("form.questions .form-buttons button")
    hold(page.locator("#error-summary").count() == 1, "words are taken for a sum")
    here = founder.path
    page.locator("[name=capital]").fill(f"{data['capital'] / 1_000_000:g}")
    founder.click("form.questions .form-buttons button")
    hold(founder.path != here, "the right sum is not taken")
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.go_back()
    page.wait_for_load_state("load")
    hold(founder.path == here and page.locator("[name=capital]").count() == 1, f"back leads to {page.url}")
    hold("POST" not in sent, "going back sends the form again")
    founder.look()


def side_roads(browser, base, shots, town):
    data = shipped("llc", "zhangsan")
    data["joined"]["bank"] = {"choice": "later"}
    founder = Visitor(browser, base, "sideroads", phone=True, shots=shots)
    for path in ("/", "/guides/company-opening", "/verify", "/trust"):
        founder.go(path)
    sign_in(founder, "zhangsan", "/my")
    draft = start(founder, "llc")
    founder.go(draft)
    number = re.search(r"\d{20,}", founder.text()).group()
    founder.click("main .button-row a.btn-primary")
    fill(founder, data, at={"capital": lambda: back_after_error(founder, data)})
    founder.click("main form[data-once] button.btn-primary")
    first = links(founder)[0]
    run_out(town, number)
    founder.go(first, status=410)
    founder.go(f"{first}/objection")
    founder.go(f"/cases/{number}/signers")
    for one in [each.get_attribute("id") for each in founder.page.locator("main section[id^=signer-]").all()]:
        founder.click(f"#{one} form[action$='/signers/renew'] button")
    for link in links_of(founder, number):
        sign(founder, link)
    switch(town, "engraver", "make: refuse out-of-service once")
    founder.go(f"/cases/{number}/signers")
    founder.click(f"form[action='/cases/{number}/submit'] button.btn-primary")
    result = f"/cases/{number}/result"
    hold(founder.path == result, f"handed in, the founder stands at {founder.path}")
    picker = "#lines select[name=engraver]"
    for _ in range(90):
        founder.page.reload()
        if founder.page.locator(picker).count():
            break
        time.sleep(1)
    lines = founder.page.locator("#lines").inner_text()
    hold(founder.page.locator(picker).count() == 1, f"no other engraver can be chosen:\n{lines}")
    founder.look(again=True)
    options = [one.get_attribute("value") for one in founder.page.locator(f"{picker} option").all()]
    founder.page.locator(picker).select_option(next(one for one in options if one != data["joined"]["seals"]["engraver"]))
    founder.click("#lines form:has(select[name=engraver]) button")
    founder.click("#lines a[href$='/services/bank']")
    founder.click("form.questions .form-buttons button")
    hold(founder.page.locator("#error-summary").count() == 1, "a bank is booked without being named")
    founder.go(result)
    founder.click("main a[href^='/wallet/']")
    founder.page.locator(".asks-first summary").first.click()
    founder.look(again=True)
    founder.click(".asks-first[open] form button")
    hold(founder.page.locator("button[value=undone]").count() == 1, "a task that was ticked off cannot be taken up")
    founder.close()
    return founder.count


JOURNEYS = [side_roads]
