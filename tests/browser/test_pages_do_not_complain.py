"""No page logs an error, breaks the content policy or fails to find what it asks for, whoever reads it."""

from __future__ import annotations

import pytest

from tests.browser.pages import OTHERS, READERS
from tests.browser.people import Visits

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", READERS)
def test_every_page_of_a_reader_opens_without_a_complaint(visits: Visits, name: str) -> None:
    page = visits.sign_in(name)
    refused = []
    for path in READERS[name]:
        answer = page.goto(path)
        assert answer is not None
        if answer.status != 200:
            refused.append((answer.status, path))
    assert refused == []
    assert visits.complaints == []


def test_what_the_navigation_offers_can_be_opened_by_whom_it_is_offered_to(visits: Visits) -> None:
    for name in OTHERS:
        page = visits.sign_in(name)
        offered = [link.get_attribute("href") or "" for link in page.locator("#nav a[data-go]").all()]
        assert offered, name
        for path in offered:
            assert page.request.get(path).status == 200, (name, path)


def test_a_refusal_is_a_page_with_words(visits: Visits) -> None:
    page = visits.sign_in("priya")
    for path, status in (("/audit/", 403), ("/cases/C-1999-0001/", 404)):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == status
        assert page.get_by_role("heading", level=1).is_visible()
        assert page.get_by_role("main").get_by_role("link").count() > 0
