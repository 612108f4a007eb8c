"""Somebody named without his knowledge objects on his telephone, without scripts; he takes it back by the link sent there,
and at a counter."""

import hashlib
import sqlite3
import time

from journeys import hold
from visitor import Visitor
from workbench import asked, clerk


def sent(town, number, secret):
    """Puts a secret that we know in the place of the one that only the telephone has."""
    digest = hashlib.new("sm3", f"suban take back objection {secret}".encode()).hexdigest()
    base = sqlite3.connect(f"{town['data']}/suban.sqlite", timeout=20)
    with base:
        changed = base.execute(
            "UPDATE case_objection SET take_back = ?, take_back_until = ? WHERE take_back IS NOT NULL AND state = 'open' "
            "AND case_id = (SELECT id FROM case_case WHERE number = ?)",
            (digest, int(time.time() * 1000) + 3_600_000, number),
        )
        hold(changed.rowcount == 1, "no link was sent")
    base.close()


def objections(browser, base, shots, town):
    founder, number, _ = asked(browser, base, town, "zhangsan", "llc")
    place = founder.page.locator("main section[id^=signer-]:has-text('138****2345')")
    link = place.locator("a[href^='/sign/']").first.get_attribute("href")
    for phone, locale in ((True, "zh-CN"), (False, "en-GB")):
        named = Visitor(browser, base, f"named-{locale}", phone=phone, scripts=not phone, locale=locale, shots=shots)
        named.go(f"{link}/objection")
        named.page.locator("textarea[name=text]").fill("我没有同意")
        named.click("form:has(textarea) button.btn-primary")
        said = named.page.locator("#take-back").inner_text()
        hold(number in said, "the way to the counter is not named")
        named.click("#take-back form button")
        hold(named.page.locator("#take-back .notice").count() == 1, "nothing says that the link was sent")
        named.look(again=True)
        secret = "ABCDEFGHJKMNPQRSTVWXYZ23" + ("45" if phone else "67")
        sent(town, number, secret)
        named.go("/objections/ABCDEFGHJKMNPQRSTVWXYZ2389", status=404)
        named.go(f"/objections/{secret}")
        hold(named.page.locator("form.panel").count() == 1, "it cannot be confirmed")
        founder.go(f"/objections/{secret}")
        founder.page.locator("form.panel button").click()
        founder.page.wait_for_load_state("load")
        founder.go(f"/cases/{number}/signers")
        hold("表示没有同意" in founder.text(), "the founder took the objection back")
        named.click("form.panel button")
        hold(named.page.locator("form.panel").count() == 0, "it is not taken back")
        named.look(again=True)
        founder.go(f"/cases/{number}/signers")
        hold("表示没有同意" not in founder.text(), "the founder does not see that it is taken back")
        named.close()
    named = Visitor(browser, base, "named", phone=True, shots=shots)
    named.go(f"{link}/objection")
    named.page.locator("textarea[name=text]").fill("又点错了")
    named.click("form:has(textarea) button.btn-primary")
    objection = named.page.locator("#take-back").inner_text().split("异议编号 ")[1][:11]
    registrar, _ = clerk(browser, base, "registrar", shots)
    registrar.go("/desk/counter")
    registrar.page.locator("#number").fill(number)
    registrar.page.locator("#code").fill(objection)
    registrar.click("form.line-form button")
    panel = f"#objection-{objection}"
    registrar.page.locator(f"{panel} input[name=proof]").check()
    registrar.page.locator(f"{panel} input[name=signedBy]").fill("李文博")
    registrar.page.locator(f"{panel} input[name=idNumber]").fill("150203199003030023")
    registrar.page.locator(f"{panel} textarea[name=words]").fill("身份证原件")
    registrar.look(again=True)
    registrar.click(f"{panel} button.btn-primary")
    hold("当面撤回" in registrar.text(), "the counter took nothing back")
    registrar.close()
    named.close()
    founder.close()
    return named.count + registrar.count


JOURNEYS = [objections]
