"""Everything frequent by single keys, and whatever has the focus can be seen to have it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Visits

pytestmark = pytest.mark.browser
RING = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const rings = [one, one.closest('label'), one.parentElement].filter(Boolean).map(el => getComputedStyle(el));
    const shown = rings.some(style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
    return [shown, one.outerHTML.slice(0, 140)];
}"""


def here(page: Page) -> int:
    """The number of the row stood on, from 0."""
    return page.evaluate(
        "[...document.querySelectorAll('main tbody tr')].findIndex(row => row.classList.contains('here'))"
    )


def test_slash_goes_to_the_search_and_keys_are_off_while_typing(visits: Visits) -> None:
    page = visits.sign_in("ines")
    page.keyboard.press("/")
    expect(page.locator("#search-box")).to_be_focused()
    page.keyboard.type("gc?j")
    expect(page.locator("#search-box")).to_have_value("gc?j")
    page.locator("#search-box").fill("C-2026-0001")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("C-2026-0001")


def test_j_and_k_move_x_selects_and_enter_opens(visits: Visits) -> None:
    page = visits.sign_in("priya")
    page.goto("/alerts/")
    for key, row in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        assert here(page) == row
    page.keyboard.press("x")
    expect(page.locator("main tbody tr").nth(1).get_by_role("checkbox")).to_be_checked()
    expect(page.locator("[data-selected-count]")).to_have_text("1 selected")
    page.keyboard.press("x")
    expect(page.locator("main tbody tr").nth(1).get_by_role("checkbox")).not_to_be_checked()
    title = page.locator("main tbody tr").nth(1).locator(".lead").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/alerts/\d+/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


@pytest.mark.parametrize(("key", "question"), [("d", "Dismiss 1 alert"), ("e", "Escalate 1 alert")])
def test_a_letter_asks_before_it_acts_and_escape_leaves_all_as_it_was(visits: Visits, key: str, question: str) -> None:
    page = visits.sign_in("priya")
    page.goto("/alerts/")
    page.keyboard.press("j")
    page.keyboard.press(key)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name=question)).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("main tbody tr").first).to_contain_text("New")


def test_question_mark_shows_every_key_and_escape_hides_them(visits: Visits) -> None:
    page = visits.sign_in("ines")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    expect(keys).to_contain_text("Single keys are off while you type")
    page.keyboard.press("Escape")
    expect(keys).not_to_be_visible()


@pytest.mark.parametrize(
    ("letter", "path"),
    [("a", "/alerts/"), ("c", "/cases/"), ("d", "/decisions/"), ("l", "/clusters/"), ("u", "/accounts/"),
     ("r", "/organizations/"), ("p", "/packets/"), ("i", "/imports/"), ("t", "/detectors/"), ("o", "/")],
)  # fmt: skip
def test_g_and_a_letter_go_there(signed_in: Page, letter: str, path: str) -> None:
    signed_in.goto("/search/?q=nothing")
    signed_in.keyboard.press("g")
    signed_in.keyboard.press(letter)
    signed_in.wait_for_url(re.compile(re.escape(path) + r"$"))


@pytest.mark.parametrize("path", ["/", "/alerts/", "/cases/C-2026-0001/", "/cases/new/"])
def test_whatever_has_the_focus_shows_a_ring(signed_in: Page, path: str) -> None:
    signed_in.goto(path)
    seen = 0
    for _ in range(30):
        signed_in.keyboard.press("Tab")
        told = signed_in.evaluate(RING)
        if told is not None:
            assert told[0], told[1]
            seen += 1
    assert seen >= 15


def test_the_first_stop_skips_to_the_content(signed_in: Page) -> None:
    signed_in.goto("/alerts/")
    signed_in.keyboard.press("Tab")
    signed_in.keyboard.press("Enter")
    assert signed_in.evaluate("document.activeElement.id === 'main' || location.hash === '#main'")
