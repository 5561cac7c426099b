"""390 pixels wide: nothing runs off sideways, the menu is a drawer, and what a thumb hits is large enough."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import READERS
from tests.browser.people import Visits

pytestmark = pytest.mark.browser
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
WIDTHS = "() => [document.documentElement.scrollWidth, document.body.scrollWidth, window.innerWidth]"
SMALL = """() => [...document.querySelectorAll('main .btn, main .chip, main input[type=checkbox]')]
    .filter(one => one.offsetParent && !one.closest('.vh'))
    .map(one => [one.closest('label') ?? one, one])
    .filter(([hit]) => { const box = hit.getBoundingClientRect(); return box.width < 24 || box.height < 24; })
    .map(([, one]) => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("name", READERS)
def test_no_page_is_wider_than_a_phone(visits: Visits, name: str) -> None:
    page = visits.sign_in(name, **PHONE)
    wide, small = [], []
    for path in READERS[name]:
        page.goto(path)
        *widths, screen = page.evaluate(WIDTHS)
        if max(widths) > screen or screen > 390:
            wide.append((path, widths, screen))
        small += [(path, one) for one in page.evaluate(SMALL)]
    assert wide == []
    assert small == []


def test_the_menu_is_a_drawer_that_opens_and_leads_on(visits: Visits) -> None:
    page = visits.sign_in("ines", **PHONE)
    cases = page.locator("#nav a[data-go='cases']")
    expect(cases).not_to_be_visible()
    page.get_by_role("button", name="Menu").tap()
    expect(cases).to_be_visible()
    cases.tap()
    page.wait_for_url("**/cases/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cases")
