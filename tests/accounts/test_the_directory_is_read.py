"""Lists of accounts, clusters and members: the same queries for any length, stable pages, filters, and who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, Identifier, Sighting
from accounts.selectors import (
    explain_cluster,
    explain_member,
    get_account,
    get_cluster,
    get_organization,
    list_accounts,
    list_clusters,
    list_members,
    list_organizations,
)
from enforcement.audit.errors import Refusal
from tests.factories import FIRST_DAY, account, person, ring

pytestmark = pytest.mark.django_db
READERS = ("triager", "investigator", "lead", "reviewer", "enforcer", "appeal_reviewer", "legal", "auditor")


def walk(read: Callable[[str], Any]) -> list[int]:
    """The ids of every page, following older to the end and back to the beginning."""
    pages, cursor = [], ""
    while True:
        page = read(cursor)
        pages.append([row.pk for row in page.rows])
        if not page.older:
            break
        cursor = page.older
    for ids in reversed(pages[:-1]):
        page = read(page.newer)
        assert [row.pk for row in page.rows] == ids
    return [pk for ids in pages for pk in ids]


@pytest.mark.parametrize("sort", ["-exchanges", "exchanges", "platform_id", "-platform_id"])
def test_every_account_stands_on_one_page(sort: str) -> None:
    made = {account(exchanges=number % 4).pk for number in range(120)}
    seen = walk(lambda cursor: list_accounts(person("triager"), sort=sort, cursor=cursor))
    assert (len(seen), set(seen)) == (120, made)


def test_members_and_clusters_stand_on_one_page_each() -> None:
    viewer, made = person("auditor"), ring(130)
    for sort in ("bits", "-bits", "account"):
        seen = walk(lambda cursor, by=sort: list_members(viewer, ref=made.cluster.ref, sort=by, cursor=cursor))
        assert (len(seen), len(set(seen))) == (130, 130)
    for _ in range(60):
        ring(1)
    for sort in ("-size", "size", "-id"):
        assert len(set(walk(lambda cursor, by=sort: list_clusters(viewer, sort=by, cursor=cursor)))) == 61


def test_a_new_account_moves_no_later_page() -> None:
    for _ in range(60):
        account(exchanges=10)
    viewer = person("triager")
    first = list_accounts(viewer)
    before = [row.pk for row in list_accounts(viewer, cursor=first.older).rows]
    account(exchanges=99)
    assert [row.pk for row in list_accounts(viewer, cursor=first.older).rows] == before


def test_lists_take_the_same_queries_for_any_length(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    viewer = person("lead")
    for members in (3, 45):
        made = ring(members)
        with django_assert_num_queries(4):
            for member in list_members(viewer, ref=made.cluster.ref).rows:
                assert member.strongest[0].identifier.kind == "payment"
                assert member.account.declared_organization is None
        with django_assert_num_queries(2):
            assert [str(row.declared_organization) for row in list_accounts(viewer).rows]
        with django_assert_num_queries(2):
            assert [(row.rollup.accounts, str(row.points_to)) for row in list_clusters(viewer).rows]
        with django_assert_num_queries(2):
            assert [str(row.parent) for row in list_organizations(viewer).rows]


def test_filters_narrow_accounts() -> None:
    viewer, made = person("triager"), ring(4)
    apart = account()
    card = Identifier.objects.get(value=f"pf-{made.cluster.pk}")
    held = made.accounts[0]
    Sighting.objects.create(
        account=held, identifier=card, first_day=FIRST_DAY, last_day=FIRST_DAY, day_bits=b"\x80", times=1
    )
    Account.objects.filter(pk=apart.pk).update(status="suspended")
    for given, wanted in (
        ({"cluster": made.cluster.ref}, {a.pk for a in made.accounts}), ({"status": "suspended"}, {apart.pk}),
        ({"q": apart.platform_id}, {apart.pk}), ({"identifier": ("payment", card.value)}, {held.pk}),
        ({"identifier": ("phone", card.value)}, set()), ({"organization": made.organization.pk}, set()), ({"q": "%"}, set()),
    ):  # fmt: skip
        assert {row.pk for row in list_accounts(viewer, **given).rows} == wanted, given


def test_reasons_are_told_in_words() -> None:
    made, viewer = ring(3), person("reviewer")
    said = explain_member(viewer, ref=made.cluster.ref, platform_id=made.accounts[0].platform_id)
    assert len(said) == 1
    assert said[0].startswith("Payment pf-")
    assert get_account(viewer, platform_id=made.accounts[0].platform_id).membership is not None
    assert get_cluster(viewer, ref=made.cluster.ref).core_members == 3


READS: dict[str, Callable[..., object]] = {
    "accounts": lambda who, **_: list_accounts(who),
    "account": lambda who, made: get_account(who, platform_id=made.accounts[0].platform_id),
    "clusters": lambda who, **_: list_clusters(who),
    "cluster": lambda who, made: get_cluster(who, ref=made.cluster.ref),
    "members": lambda who, made: list_members(who, ref=made.cluster.ref),
    "why a member": lambda who, made: explain_member(
        who, ref=made.cluster.ref, platform_id=made.accounts[0].platform_id
    ),
    "why a cluster": lambda who, made: explain_cluster(who, ref=made.cluster.ref),
    "organizations": lambda who, **_: list_organizations(who),
    "organization": lambda who, made: get_organization(who, organization_id=made.organization.pk),
}


@pytest.mark.parametrize("name", READS)
def test_roles_read_and_strangers_do_not(name: str) -> None:
    made = ring(2)
    for role in READERS:
        READS[name](person(role), made=made)
    for actor in (person(), person("administrator")):
        with pytest.raises(Refusal) as refusal:
            READS[name](actor, made=made)
        assert refusal.value.status == 403


def test_what_is_not_there_is_named() -> None:
    made, who = ring(2), person("lead")
    for read in (
        lambda: get_account(who, platform_id="nobody"), lambda: get_cluster(who, ref="CL-9999"),
        lambda: list_members(who, ref="CL-9999"), lambda: get_organization(who, organization_id=10**9),
        lambda: explain_member(who, ref=made.cluster.ref, platform_id="nobody"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refusal:
            read()
        assert refusal.value.status == 404
    for read in (
        lambda: list_accounts(who, sort="loud"), lambda: list_clusters(who, sort="loud"),
        lambda: list_members(who, ref=made.cluster.ref, sort="loud"), lambda: list_accounts(who, cursor="rubbish"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refusal:
            read()
        assert refusal.value.status == 400
