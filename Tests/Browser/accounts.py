"""One's own account, the second factor, the administrator of audits: by keyboard, on a desk and on a telephone."""

import base64
import hashlib
import hmac
import json
import random
import re
import struct
import time
import urllib.request

from journeys import hold, sign_in
from visitor import Visitor
from workbench import Keys, clerk


PASSWORD = "suban-demo-2026"


def time_code(secret, ahead=0):
    """Six digits of an authenticator (RFC 6238), `ahead` steps from now."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + ahead), hashlib.sha1).digest()
    start = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[start:start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def typed_code(keys, code):
    """Tabs to the box of the code and sends it."""
    keys.to("input[name=code]")
    keys.page.keyboard.press("Control+a")
    keys.page.keyboard.type(code)
    keys.enter()


def second_factor(browser, base, shots, town):
    """Enrols an authenticator, signs in with it and with a recovery code, takes it away, all by keyboard."""
    staff, keys = clerk(browser, base, "registrar-huimin", shots)
    staff.go("/account")
    hold("未启用" in staff.text(), "the account does not say that there is no second factor")
    keys.to("#factor-password")
    keys.page.keyboard.type(PASSWORD)
    keys.to("form[action='/account/factor/start'] button")
    keys.enter()
    hold(staff.path == "/account/factor", "the enrolment does not begin")
    secret = re.sub(r"\s", "", staff.page.locator(".big-number").inner_text())
    typed_code(keys, "000000")
    hold(staff.page.locator("#error-summary").count() == 1, "a wrong code is taken")
    hold(staff.page.evaluate("document.activeElement.id") == "error-summary", "the focus is not on the error summary")
    typed_code(keys, time_code(secret))
    recovery = re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}", staff.text())
    hold(len(recovery) == 10, "the recovery codes are not shown")
    staff.look(again=True)
    keys.to("main a.btn-primary")
    keys.enter()
    hold(staff.path == "/account", "the codes do not lead back to the account")
    staff.look(again=True)
    for code in (time_code(secret, ahead=1), recovery[0]):
        staff.go("/account")
        keys.to("form[action='/sign-out'] button")
        keys.enter()
        staff.go("/sign-in?next=/desk")
        keys.to("form:has(input[name=login][value=registrar-huimin]) button")
        keys.enter()
        hold(staff.path == "/sign-in/code", f"the password alone leads to {staff.path}")
        typed_code(keys, code)
        hold(staff.path == "/desk", f"with the code the clerk stands at {staff.path}")
    staff.go("/account")
    keys.to("#factor-code")
    keys.page.keyboard.type(recovery[1])
    keys.to("button[formaction='/account/factor/end']")
    keys.enter()
    hold("未启用" in staff.text(), "the second factor is not taken away")
    staff.close()
    return staff.count


def own_account(browser, base, shots, town):
    """A person on a telephone: the devices, another one signed out, a password that is refused."""
    other = Visitor(browser, base, "device", phone=True)
    sign_in(other, "sunqi", "/my")
    person = Visitor(browser, base, "account", phone=True, shots=shots)
    sign_in(person, "sunqi", "/my")
    person.click(".tools .person")
    hold(person.path == "/account", "the name does not lead to the account")
    own = person.page.locator("main ul.tasks li")
    hold(own.count() == 2, f"{own.count()} devices instead of two")
    person.click("main ul.tasks li:not(:has-text('本设备')) form button")
    hold(person.page.locator("main ul.tasks li").count() == 1, "the other device is not signed out")
    other.page.goto(f"{base}/my")
    hold(other.path == "/sign-in", f"the other device still stands at {other.path}")
    other.close()
    for name in ("old", "new", "again"):
        person.page.locator(f"input[name={name}]").fill("kurz")
    person.click("form[action='/account/password'] .form-buttons button")
    hold(person.path.startswith("/account"), "a refused password leads away")
    person.look(again=True)
    person.go("/my")
    person.close()
    return person.count


def auditor(browser, base, shots, town):
    """Signing in leads to the log; a search needs a reason, and is found by the next one."""
    audit = Visitor(browser, base, "audit", shots=shots)
    audit.go("/sign-in")
    audit.click("form:has(input[name=login][value=audit]) button")
    hold(audit.path == "/desk/log", f"signed in, the administrator of audits stands at {audit.path}")
    keys = Keys(audit)
    for _ in range(2):
        keys.to("input[name=purpose]")
        keys.page.keyboard.press("Control+a")
        keys.page.keyboard.type("例行检查")
        keys.enter()
    hold("log.searched" in audit.page.content(), "the search before is not in the log")
    audit.picture("log-found") if shots else None
    audit.close()
    phone = Visitor(browser, base, "audit-phone", phone=True, shots=shots)
    sign_in(phone, "audit", "/desk/log")
    phone.page.locator("input[name=purpose]").fill("例行检查")
    phone.click("main form[action='/desk/log'] button.btn-primary")
    phone.look(again=True)
    phone.close()
    for login, place in (("system", "/account"), ("security", "/desk/accounts")):
        one = Visitor(browser, base, login)
        one.go("/sign-in")
        one.click(f"form:has(input[name=login][value={login}]) button")
        hold(one.path == place, f"signed in, {login} stands at {one.path}")
        one.close()
    return audit.count + phone.count


def texted(town, phone):
    """The code in the latest text on a telephone."""
    for _ in range(40):
        with urllib.request.urlopen(f"{town['parties']['sms']}/state") as answer:
            texts = [one for one in json.load(answer)["texts"] if one["phone"] == phone]
        if texts:
            return re.search(r"[0-9]{6}", texts[0]["text"]).group()
        time.sleep(0.5)
    raise AssertionError("no text came")


def citizen_number():
    """A resident's number (GB 11643) that nobody here has."""
    front = f"150203{random.randint(1960, 1999)}0{random.randint(1, 9)}{random.randint(10, 28)}{random.randint(100, 999)}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return front + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(front, weights)) % 11]


def new_account(browser, base, shots, town):
    """A stranger with a telephone opens an account, without scripts; shows his face; signs in by telephone the next time."""
    phone = f"139{random.randint(10_000_000, 99_999_999)}"
    stranger = Visitor(browser, base, "new-account", phone=True, scripts=False, shots=shots)
    stranger.go("/sign-in?next=/my/reads")
    stranger.click("main a[href^='/sign-in/phone']")
    stranger.page.locator("input[name=phone]").fill("12345")
    stranger.click(".form-buttons button")
    hold(stranger.page.locator("#error-summary").count() == 1, "a wrong number is taken")
    stranger.page.locator("input[name=phone]").fill(phone)
    stranger.click(".form-buttons button")
    code = texted(town, phone)
    stranger.page.locator("input[name=code]").fill("000000" if code != "000000" else "000001")
    stranger.click(".form-buttons button")
    hold(stranger.page.locator("#error-summary").count() == 1, "a wrong code is taken")
    stranger.page.locator("input[name=code]").fill(code)
    stranger.click(".form-buttons button")
    hold(stranger.path == "/sign-up", f"the stranger stands at {stranger.path}")
    stranger.click(".form-buttons button")
    hold(stranger.page.locator("#error-summary li").count() >= 3, "an empty form is taken")
    for name, value in (
        ("name", "林知远"), ("number", citizen_number()), ("password", "长长的一句密码话语"), ("again", "长长的一句密码话语"),
    ):
        stranger.page.locator(f"input[name={name}]").fill(value + "一二" if "密码" in value else value)
    stranger.page.locator("input[name=agree]").check()
    stranger.click(".form-buttons button")
    hold(stranger.path == "/account/real-name", f"the new person stands at {stranger.path}: {stranger.text()[:300]}")
    stranger.page.locator("input[value='score:300']").check()
    stranger.click(".form-buttons button")
    hold(stranger.page.locator("#error-summary").count() == 1, "another face is taken")
    stranger.page.locator("input[value='score:950']").check()
    stranger.click(".form-buttons button")
    hold(stranger.page.locator("main .notice").count() == 1, "nothing says that the face was recognised")
    stranger.click("main a[href='/my/reads']")
    stranger.go("/account")
    hold("人脸核验" in stranger.text(), "the account does not say how surely it is known")
    stranger.close()
    return stranger.count


JOURNEYS = [new_account, second_factor, own_account, auditor]
