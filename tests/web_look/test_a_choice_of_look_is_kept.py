import pytest
from django.test import RequestFactory

from enforcement.web.look import Look, look_of_request, set_look


def chosen(**fields):
    return set_look(RequestFactory().post("/look/", fields))


def test_a_choice_is_stored_with_the_browser_and_read_back():
    answer = chosen(theme="dark", density="relaxed", single_keys="on", next="/cases/")
    assert (answer.status_code, answer.url) == (302, "/cases/")
    request = RequestFactory().get("/")
    request.COOKIES.update({name: morsel.value for name, morsel in answer.cookies.items() if morsel.value})
    assert look_of_request(request) == Look("dark", "relaxed", single_keys=True)


def test_single_keys_are_off_when_the_box_is_not_ticked():
    assert chosen(theme="").cookies["keys"].value == "off"


@pytest.mark.parametrize("away", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_the_way_back_never_leads_elsewhere(away):
    assert chosen(next=away).url == "/"


def test_an_unknown_theme_counts_as_not_chosen():
    assert not chosen(theme="neon", single_keys="on").cookies["theme"].value


def test_reading_the_page_does_not_change_the_look():
    assert set_look(RequestFactory().get("/look/")).status_code == 405
