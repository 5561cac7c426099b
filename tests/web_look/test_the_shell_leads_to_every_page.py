import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template import Context
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse

from enforcement.web.templatetags.shell import nav_groups

TEMPLATES = Path(settings.BASE_DIR) / "templates"
# Addresses without arguments: those of the shell, which every page shows.
NAMED = sorted(
    {
        name
        for page in (
            "base.html",
            "gate.html",
            "components/nav.html",
            "components/topbar.html",
            "components/account_menu.html",
        )
        for name in re.findall(r"{% address '([\w:]+)' %}", (TEMPLATES / page).read_text())
    }
)


@pytest.mark.parametrize("name", NAMED)
def test_an_address_of_the_shell_exists(name):
    try:
        assert reverse(name)
    except NoReverseMatch:
        pytest.fail(f"{name} is named by the shell and is no address")


@pytest.mark.urls("tests.web_look.addresses")
def test_the_nav_shows_counts_and_where_one_is():
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    groups = nav_groups(Context({"request": request, "nav_counts": {"alerts": 1284}, "nav_here": "cases"}))
    assert [group.title for group in groups] == ["Work", "Directory", "Record", "Sources", "Settings"]
    items = {item.name: item for group in groups for item in group.items}
    assert items["alerts"].count == 1284
    assert [name for name, item in items.items() if item.here] == ["cases"]


@pytest.mark.urls("tests.web_look.addresses")
def test_the_nav_leaves_out_what_a_person_may_not_open():
    groups = nav_groups(Context({"nav_allowed": {"overview", "audit"}}))
    assert [item.name for group in groups for item in group.items] == ["overview", "audit"]
