"""A visitor with a browser: walks pages and holds every page seen against the rules for all pages."""

import re
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# The page's own faults, whatever it shows.
FAULTS = r"""() => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);
  if (document.querySelectorAll('h1').length !== 1) faults.push('not exactly one h1');
  if (document.querySelectorAll('*').length > 1500) faults.push('more than 1500 nodes');
  if (!window.axe && document.querySelector('[style]')) faults.push('a style attribute');
  if (!/ - /.test(document.title) && !document.querySelector('.hero')) faults.push('a title without the name of the site');
  const text = [...document.querySelectorAll('main :not(code):not(script)')].filter(one => !one.children.length).map(one => one.innerText).join('\n');
  for (const raw of text.match(/\{[a-zA-Z]+\}|(?:^|\s)[a-z]+(?:-[a-z]+)*\.[a-z]+[.a-z-]*(?=\s|$)|undefined|\bnull\b/g) || [])
    faults.push(`raw words: ${raw.trim()}`);
  return faults;
}"""


class Fault(AssertionError):
    """What a page does that no page may do."""


class Visitor:
    """One person in one browser context.

    `shots` is a folder for pictures of every page, or None; `scripts` False is a browser without JavaScript.
    """

    def __init__(self, browser, base, name, *, phone=False, scripts=True, locale="zh-CN", shots=None, width=None):
        self.browser, self.locale = browser, locale
        size = {"width": width or (390 if phone else 1280), "height": 844 if phone else 900}
        self.context = browser.new_context(
            viewport=size, is_mobile=phone, has_touch=phone, java_script_enabled=scripts, locale=locale
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.base, self.name, self.scripts, self.shots = base, name, scripts, shots
        self.seen, self.faults, self.count = {}, [], 0
        # Off for somebody who only prepares what others look at.
        self.searching = True
        # axe sets styles that the page's policy refuses, and leaves them on elements that htmx copies.
        self.searched = False
        self.page.on("framenavigated", self._moved)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        self.page.on("request", self._request)

    def _console(self, message):
        # A refused form is an answer, not a fault; browsers log its status all the same.
        if message.type == "error" and not self.searched and "status of 4" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _moved(self, frame):
        self.searched = False

    def _request(self, request):
        if not request.url.startswith((self.base, "data:", "blob:", "about:")):
            self.faults.append(f"a request to another place: {request.url}")

    def go(self, path, status=200):
        answer = self.page.goto(self.base + path)
        if answer.status != status:
            raise Fault(f"{path} answers {answer.status}, not {status}")
        self.look()

    @property
    def path(self):
        return urlsplit(self.page.url).path

    def click(self, selector):
        """Follows a link or button to the page behind it."""
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state("load")
        self.look()

    def press(self, words):
        """Presses the button or link of that name."""
        found = self.page.get_by_role("button", name=words).or_(self.page.get_by_role("link", name=words))
        found.locator("visible=true").first.click()
        self.page.wait_for_load_state("load")
        self.look()

    def text(self):
        return self.page.locator("main").inner_text()

    def look(self, again=False):
        """Holds the page to the rules; pages of one kind are searched by axe once."""
        kind = re.sub(r"/[0-9A-Z]{8,}|/\d[\d-]+", "/…", self.path)
        kind += "?" if self.page.locator("#error-summary").count() else ""
        faults = self.page.evaluate(FAULTS)
        if self.searching and (again or kind not in self.seen):
            found = self._search()
            self.seen[kind] = found.violations_count
            for one in found.response["violations"]:
                nodes = "; ".join(node["html"][:160] for node in one["nodes"][:3])
                faults.append(f"axe {one['impact']} {one['id']}: {nodes}")
            if self.shots:
                self.picture(f"{len(self.seen):02d}-{kind.strip('/').replace('/', '-').replace('?', '-error') or 'home'}")
        self.count += 1
        self.faults += [f"{kind}: {fault}" for fault in faults]

    def _search(self):
        """What axe finds. Without scripts axe cannot run: the same address is then opened in a browser with them."""
        if self.scripts:
            self.searched = True
            return self._run_axe(self.page)
        twin = self.browser.new_context(
            viewport=self.page.viewport_size, locale=self.locale, storage_state=self.context.storage_state()
        )
        page = twin.new_page()
        page.goto(self.page.url)
        found = self._run_axe(page)
        twin.close()
        return found

    @staticmethod
    def _run_axe(page):
        # A bar that sticks to the lower edge covers what one scrolls past it; on a tall screen it covers nothing.
        size = page.viewport_size
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
        found = Axe().run(page, options={"runOnly": RULES})
        page.set_viewport_size(size)
        return found

    def picture(self, name):
        """The whole page, on a screen as tall as the page."""
        size = self.page.viewport_size
        height = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
        self.page.screenshot(path=f"{self.shots}/{self.name}-{name}.png")
        self.page.set_viewport_size(size)

    def close(self):
        self.context.close()
        if self.faults:
            raise Fault(f"{self.name}:\n  " + "\n  ".join(dict.fromkeys(self.faults)))
