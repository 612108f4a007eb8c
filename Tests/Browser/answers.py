"""Answers the pages of a defined form from data in the shape that the form keeps."""

CONTROLS = """() => {
  const names = new Map();
  for (const one of document.querySelectorAll('form.questions [name]')) {
    if (one.type === 'hidden' || one.tagName === 'BUTTON' || one.name.startsWith('_')) continue;
    const asking = !!one.closest('[hx-post]');
    if (!names.has(one.name)) names.set(one.name, {name: one.name, type: one.type, asking, fixed: one.readOnly, value: one.value, values: [], chosen: []});
    const known = names.get(one.name);
    if (one.type === 'radio' || one.type === 'checkbox') { known.values.push(one.value); if (one.checked) known.chosen.push(one.value); }
    if (one.tagName === 'SELECT') known.values = [...one.options].map(o => o.value);
  }
  return [...names.values()];
}"""
GROUPS = """() => [...document.querySelectorAll('fieldset.repeat')].map(
  one => ({add: one.querySelector(':scope > button[name=_add]')?.value, rows: one.querySelectorAll('.repeat-row').length}))"""


def at(data, path):
    """The value at `shareholders[0].name`; None when there is none."""
    for step in path.replace("]", "").replace("[", ".").split("."):
        if isinstance(data, list):
            data = data[int(step)] if int(step) < len(data) else None
        elif isinstance(data, dict):
            data = data.get(step)
        else:
            return None
    return data


def typed(name, value):
    """As a person types it: yes and no as their codes, money in ten thousands of yuan."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if name == "capital" or name.endswith(".amount"):
        return f"{value / 1_000_000:g}"
    return value if isinstance(value, list) else str(value)


def answer(visitor, data, *, submit=True):
    """Fills in the page in front of `visitor` and goes on to the next."""
    page, start = visitor.page, visitor.path
    for _ in range(40):
        if _grow(visitor, data):
            continue
        if _fill(visitor, data):
            continue
        if not submit:
            return
        page.locator("form.questions .form-buttons button").first.click()
        page.wait_for_load_state("load")
        if page.locator("#error-summary").count() or visitor.path != start:
            visitor.look()
        if page.locator("#error-summary").count():
            raise AssertionError(f"{visitor.path}: {page.locator('#error-summary').inner_text()}")
        if visitor.path != start or page.locator("#result").count():
            return
    raise AssertionError(f"{start} never ended")


def _grow(visitor, data):
    """Adds one row where the data hold more than the page shows."""
    for group in visitor.page.evaluate(GROUPS):
        if group["add"] and len(at(data, group["add"]) or []) > group["rows"]:
            visitor.page.locator(f"button[name=_add][value='{group['add']}']").click()
            visitor.page.wait_for_load_state("load")
            return True
    return False


def _fill(visitor, data):
    """Fills in what is not as it should be; True when the page was shown anew."""
    for one in visitor.page.evaluate(CONTROLS):
        value = at(data, one["name"])
        if value is None or one["fixed"]:
            continue
        wanted = typed(one["name"], value)
        if one["name"] == "scope" and not set(wanted) <= set(one["values"]):
            _set(visitor, one, [code for code in wanted if code in one["values"]])
            _search(visitor, next(code for code in wanted if code not in one["values"]))
            return True
        if _set(visitor, one, wanted) and one["asking"] and visitor.scripts:
            return True
    return False


def _set(visitor, one, wanted):
    page, name = visitor.page, one["name"]
    if one["type"] in ("radio", "checkbox"):
        wanted = wanted if isinstance(wanted, list) else [wanted]
        if sorted(one["chosen"]) == sorted(wanted):
            return False
        for code in one["values"]:
            box = page.locator(f"[name='{name}'][value='{code}']")
            if (code in wanted) != (code in one["chosen"]) and (one["type"] == "checkbox" or code in wanted):
                _asked(visitor, one, lambda: box.set_checked(code in wanted))
        return True
    if one["value"] == wanted:
        return False
    box = page.locator(f"[name='{name}']")
    if one["type"].startswith("select"):
        _asked(visitor, one, lambda: box.select_option(wanted))
    else:
        box.fill(wanted)
    return True


def _asked(visitor, one, act):
    """Waits for the page's own refresh where an answer brings other questions."""
    if not (one["asking"] and visitor.scripts):
        act()
        return
    with visitor.page.expect_response(lambda answer: answer.request.method == "POST"):
        act()
    visitor.page.wait_for_selector("body:not(:has(.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added))")


def _search(visitor, code):
    visitor.page.locator("[name=_word]").fill(code)
    visitor.page.locator("form.questions .form-buttons button").first.click()
    visitor.page.wait_for_load_state("load")
