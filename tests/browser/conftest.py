"""Chromium, and sites with the demo campaign to browse."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import find_chromium, launched
from tests.browser.people import Visits
from tests.browser.sites import Demo, Site, load_demo, site_of


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is. Without one these tests are skipped, or fail where `BROWSER_REQUIRED=1` asks for it."""
    found = find_chromium()
    if found is None:
        reason = "No Chromium on this machine: install the package chromium, or name one with CHROMIUM=/path."
        if os.environ.get("BROWSER_REQUIRED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def demo(chromium: str, django_db_setup: None) -> Demo:
    """The demo campaign, loaded once."""
    return load_demo()


@pytest.fixture(scope="session")
def shared_site(demo: Demo) -> Iterator[Site]:
    """A site for tests that only look."""
    with site_of(demo) as site:
        yield site


@pytest.fixture(scope="module")
def own_site(demo: Demo) -> Iterator[Site]:
    """A site for the tests of one file, which may change what it holds."""
    with site_of(demo) as site:
        yield site


@pytest.fixture(scope="module")
def browser(demo: Demo) -> Iterator[Browser]:
    """A browser for one file: while Playwright's loop runs, Django refuses this thread its database."""
    with launched() as browser:
        yield browser


@pytest.fixture
def visits(shared_site: Site, browser: Browser) -> Iterator[Visits]:
    """Windows on the shared site; at the end the browser must have had nothing to complain of."""
    yield from _visits(shared_site, browser)


@pytest.fixture
def signed_in(visits: Visits) -> Page:
    """A window of the demo's investigator."""
    return visits.sign_in("ines")


@pytest.fixture
def own_visits(own_site: Site, browser: Browser) -> Iterator[Visits]:
    """The same on a site of one's own."""
    yield from _visits(own_site, browser)


def _visits(site: Site, browser: Browser) -> Iterator[Visits]:
    visits = Visits(site, browser)
    try:
        yield visits
    finally:
        visits.close()
    assert visits.complaints == []
