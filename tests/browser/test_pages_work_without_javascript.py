"""With script turned off: signing in, filtering, verdicts in bulk, and the way of a case to the page of approval."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import Visits
from tests.browser.steps import asked, attribute, find, open_and_investigate, preserve_evidence, submit, told

pytestmark = pytest.mark.browser


def test_alerts_are_filtered_and_dismissed_in_bulk_with_a_preview(own_visits: Visits) -> None:
    page = own_visits.sign_in("priya", java_script_enabled=False)
    page.goto("/alerts/?view=all")
    page.locator("main summary", has_text="Add filter").click()
    page.get_by_label("Detector").select_option("egress-watch")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**detector=egress-watch**")
    expect(page.get_by_role("link", name=re.compile("Remove filter Detector"))).to_be_visible()
    rows = page.locator("main tbody tr")
    for row in rows.all():
        expect(row).to_contain_text("egress-watch")
    for number in (0, 1):
        rows.nth(number).get_by_role("checkbox").check()
    page.locator(".bulk").get_by_role("button", name=re.compile("^Dismiss")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dismiss 2 alerts")
    form = asked(page)
    expect(form.get_by_role("table")).to_contain_text("After")
    form.get_by_role("radio").first.check()
    form.get_by_role("button", name="Dismiss 2 alerts").click()
    told(page, "2 alerts dismissed")
    expect(page.get_by_role("link", name=re.compile("Remove filter Detector"))).to_be_visible()


def test_a_case_is_worked_to_the_page_of_approval(own_visits: Visits) -> None:
    ines = own_visits.sign_in("ines", java_script_enabled=False)
    open_and_investigate(ines)
    preserve_evidence(ines, sample=True)
    find(ines)
    attribute(ines)
    decision, digest = submit(ines)
    ruth = own_visits.sign_in("ruth", java_script_enabled=False)
    ruth.goto(decision)
    form = ruth.get_by_role("form", name="Your decision")
    form.get_by_label("First 8 characters of the digest").fill(digest[:8])
    form.get_by_role("textbox", name="Reason").fill("The sample supports the findings.")
    form.get_by_role("button", name=re.compile("Decide on")).click()
    expect(ruth.get_by_role("heading", level=1)).to_contain_text("Approve")
    expect(asked(ruth).get_by_role("button", name=re.compile(r"Approve [\d,]+ targets"))).to_be_visible()
