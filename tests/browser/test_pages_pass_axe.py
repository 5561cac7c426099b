"""The rules of WCAG 2.2 AA that a machine can check, by axe, in light and dark: no violation on any main page."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.pages import MAIN
from tests.browser.people import Visits

pytestmark = pytest.mark.browser
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
# Forms of an investigator, a reviewer's list and a refusal, beside the main pages.
ALSO = (
    "/imports/new/", "/cases/new/", "/cases/C-2026-0001/evidence/extract/", "/search/?q=Tarnbridge", "/packets/",
    "/audit/",
)  # fmt: skip


def violations(page: Page) -> list[str]:
    """Each as rule, number of places, and the first place."""
    found: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']} ({len(one['nodes'])}): {one['nodes'][0]['html'][:160]}" for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_main_pages_have_no_violation(visits: Visits, scheme: Literal["light", "dark"]) -> None:
    stranger = visits.stranger(color_scheme=scheme)
    stranger.goto("/account/login/")
    faults = {"/account/login/": violations(stranger)}
    page = visits.sign_in("ines", color_scheme=scheme)
    for path in (*MAIN, *(ALSO if scheme == "light" else ())):
        page.goto(path)
        faults[path] = violations(page)
    assert {path: found for path, found in faults.items() if found} == {}


def test_dialogs_and_menus_have_no_violation_when_open(visits: Visits) -> None:
    page = visits.sign_in("ines")
    page.keyboard.press("?")
    assert violations(page) == []
    page.goto("/alerts/")
    page.locator("main summary", has_text="Add filter").click()
    assert violations(page) == []
    page.keyboard.press("j")
    page.keyboard.press("d")
    page.get_by_role("dialog").get_by_role("heading").first.wait_for()
    assert violations(page) == []
