"""Reference counts, accounts and organizations by file: a faulty line is refused alone, a wrong file whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account, Organization, ReferenceSnapshot
from accounts.services import import_reference, import_warehouse_accounts, import_warehouse_organizations
from accounts.services.reference import reference_key
from enforcement.audit.actors import SYSTEM
from enforcement.audit.errors import Refusal
from enforcement.audit.models import Event
from tests.accounts.conftest import KEY, reference_file, told
from tests.factories import person

pytestmark = pytest.mark.django_db
HEADER = {
    "type": "reference", "version": 1, "as_of": "2026-11-01", "days": ["2026-09-01", "2026-10-31"], "population": 1000,
    "minimum_holders": 2, "keying": "hmac-sha256",
}  # fmt: skip
COUNT = {"type": "count", "kind": "payment", "key": "ab" * 16, "day": "2026-10-01", "holders": 9}


def lines(folder: Path, *rows: object) -> Path:
    path = folder / "rows.ndjson"
    path.write_bytes(b"".join((r if isinstance(r, bytes) else json.dumps(r).encode()) + b"\n" for r in rows))
    return path


def test_the_same_file_is_the_same_snapshot(tmp_path: Path) -> None:
    first = told(tmp_path)
    assert (first.number, first.counts, first.kinds, first.population) == (1, 1, ["payment"], 1000)
    assert told(tmp_path) == first
    assert told(tmp_path, population=2_000).number == 2
    assert Event.objects.filter(verb="accounts.reference_imported").count() == 2


def test_a_lost_key_comes_back_with_the_file(tmp_path: Path) -> None:
    snapshot = told(tmp_path)
    for file in (tmp_path / "keys").iterdir():
        assert file.stat().st_mode & 0o077 == 0
        file.unlink()
    with pytest.raises(Refusal, match="Import the file again"):
        reference_key(snapshot)
    assert reference_key(told(tmp_path)) == bytes.fromhex(KEY)


@pytest.mark.parametrize("key", ["", "xyz", "0f" * 15, "é" * 40])
def test_counts_without_a_key_are_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(Refusal, match="at least 32 hexadecimal digits") as refusal:
        import_reference(SYSTEM, path=reference_file(tmp_path, HEADER, COUNT), key=key)
    assert refusal.value.field == "key"
    assert not ReferenceSnapshot.objects.exists()


def test_the_key_beside_the_file_is_taken(tmp_path: Path) -> None:
    (tmp_path / "reference.key").write_text(KEY + "\n")
    assert reference_key(import_reference(SYSTEM, path=reference_file(tmp_path, HEADER, COUNT))) == bytes.fromhex(KEY)


BAD_HEADERS: dict[str, dict[str, Any]] = {
    "another type": {"type": "counts"},
    "another version": {"version": 2},
    "another keying": {"keying": "sha256"},
    "no population": {"population": None},
    "a population of none": {"population": 0},
    "a population in words": {"population": "many"},
    "a population beyond counting": {"population": 10**30},
    "one day": {"days": ["2026-09-01"]},
    "days that are none": {"days": ["yesterday", "today"]},
    "days in the wrong order": {"days": ["2026-10-31", "2026-09-01"]},
    "no date": {"as_of": 5},
    "definitions that are a list": {"definitions": [1]},
}


@pytest.mark.parametrize("case", BAD_HEADERS)
def test_a_bad_header_is_refused(tmp_path: Path, case: str) -> None:
    with pytest.raises(Refusal, match=r"Line 1 of counts\.ndjson") as refusal:
        import_reference(SYSTEM, path=reference_file(tmp_path, {**HEADER, **BAD_HEADERS[case]}, COUNT), key=KEY)
    assert refusal.value.status == 400
    assert not ReferenceSnapshot.objects.exists()


@pytest.mark.parametrize(
    "line",
    [
        {"kind": None},
        {"key": "AB" * 16},
        {"key": "ab"},
        {"day": None},
        {"day": "soon"},
        {"holders": 0},
        {"holders": "x"},
    ],
)
def test_a_count_that_is_none_refuses_the_file_whole(tmp_path: Path, line: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="is not a file of reference counts"):
        import_reference(SYSTEM, path=reference_file(tmp_path, HEADER, COUNT, {**COUNT, **line}), key=KEY)
    assert not ReferenceSnapshot.objects.exists()
    assert not list((tmp_path / "store" / "tmp").iterdir())


@pytest.mark.parametrize("act", [import_reference, import_warehouse_accounts, import_warehouse_organizations])
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, act: Any) -> None:
    (tmp_path / "empty").touch()
    for path, words in ((tmp_path, "is a folder"), (tmp_path / "gone", "no file"), (tmp_path / "empty", "is empty")):
        with pytest.raises(Refusal, match=words):
            act(SYSTEM, path=path)
    for roles in ((), ("triager",), ("auditor",)):
        with pytest.raises(Refusal) as refusal:
            act(person(*roles), path=tmp_path / "empty")
        assert refusal.value.status == 403


def organization(ref: str, **fields: Any) -> dict[str, Any]:
    return {"organization": ref, "name": f"Sundermere {ref}", **fields}


def parents() -> dict[str, str | None]:
    rows = Organization.objects.values_list("external_ref", "parent__external_ref")
    return {str(ref): parent for ref, parent in rows}


def test_organizations_with_parents_in_any_order(tmp_path: Path) -> None:
    path = lines(tmp_path, organization("b", parent="a"), organization("a", domains=["A.Example"], country="de"))
    figures = import_warehouse_organizations(SYSTEM, path=path)
    assert (figures.read, figures.created, figures.changed, figures.refused) == (2, 2, 0, 0)
    assert parents() == {"a": None, "b": "a"}
    assert Organization.objects.get(external_ref="a").domains == ["a.example"]
    again = import_warehouse_organizations(SYSTEM, path=path)
    assert (again.created, again.changed) == (0, 0)


def test_a_circle_of_parents_is_left_out_in_one_file_and_over_two(tmp_path: Path) -> None:
    one = lines(tmp_path, organization("a", parent="c"), organization("b", parent="a"), organization("c", parent="b"))
    assert import_warehouse_organizations(SYSTEM, path=one).refused == 3
    assert set(parents().values()) == {None}
    import_warehouse_organizations(SYSTEM, path=lines(tmp_path, organization("a", parent="b")))
    figures = import_warehouse_organizations(SYSTEM, path=lines(tmp_path, organization("b", parent="a")))
    assert figures.refused == 1
    assert "circle" in figures.first_refusals[0]["reason"]
    assert parents() == {"a": "b", "b": None, "c": None}
    assert import_warehouse_organizations(SYSTEM, path=lines(tmp_path, organization("a", parent="a"))).refused == 1


BAD_ORGANIZATIONS: list[tuple[object, str]] = [
    ({"name": "x"}, "organization"), (organization("x" * 81), "organization"), (organization("n", name=" "), "name"),
    (organization("n", name="x" * 201), "name"), (organization("n", name="a\x00b"), "name"), (organization("a\x00"), "organization"),
    (organization("p", parent="nobody"), "parent"), (organization("p", parent={"a": 1}), "parent"),
    (organization("p", parent=[1]), "parent"), (b"rubbish", ""), (b"[1]", ""), (b'{"organization": "\xff"}', ""),
    (b'{"organization": "a", "x": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", ""), (b"x" * 70_000, ""), (b'{"organization": "\\ud800"}', ""),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(BAD_ORGANIZATIONS)))
def test_a_faulty_organization_is_refused_alone(tmp_path: Path, number: int) -> None:
    row, column = BAD_ORGANIZATIONS[number]
    figures = import_warehouse_organizations(
        SYSTEM, path=lines(tmp_path, organization("good"), row, organization("last"))
    )
    assert [(found["line"], found["column"]) for found in figures.first_refusals] == [(2, column)]
    assert {"good", "last"} <= set(parents())


def odd_texts() -> dict[str, Any]:
    return {"aliases": ["a\x00", "ok", 5, "x" * 300], "domains": "x.example", "country": "\x00\x01"}


def test_odd_details_are_left_out(tmp_path: Path) -> None:
    import_warehouse_organizations(SYSTEM, path=lines(tmp_path, organization("a", **odd_texts())))
    found = Organization.objects.get()
    assert (found.aliases, found.domains, found.country) == (["ok"], [], "")


def account(name: str, **fields: Any) -> dict[str, Any]:
    return {"account": name, "organization": "a", "plan": "pay-as-you-go", "status": "active", **fields}


def test_accounts_are_created_then_refreshed(tmp_path: Path) -> None:
    import_warehouse_organizations(SYSTEM, path=lines(tmp_path, organization("a")))
    rows = [
        account("x"),
        account("y", organization="Other Ltd", content_terms="zero_retention"),
        account("x", plan="team"),
    ]
    figures = import_warehouse_accounts(SYSTEM, path=lines(tmp_path, *rows))
    assert (figures.read, figures.created, figures.refused) == (3, 2, 0)
    x, y = Account.objects.order_by("platform_id")
    assert (x.plan, str(x.declared_organization)) == ("team", "Sundermere a")
    assert (y.declared_name, y.content_terms) == ("Other Ltd", "zero_retention")
    again = import_warehouse_accounts(SYSTEM, path=lines(tmp_path, *rows))
    assert (again.created, again.changed) == (0, 0)
    moved = import_warehouse_accounts(SYSTEM, path=lines(tmp_path, account("x", plan="team", status="suspended")))
    assert moved.changed == 1


def test_a_stale_file_does_not_undo_what_was_enforced(tmp_path: Path) -> None:
    import_warehouse_accounts(
        SYSTEM, path=lines(tmp_path, account("x", status="terminated"), account("y", status="ended"))
    )
    import_warehouse_accounts(SYSTEM, path=lines(tmp_path, account("x"), account("y", status="restricted")))
    assert list(Account.objects.order_by("platform_id").values_list("status", flat=True)) == ["terminated", "ended"]


BAD_ACCOUNTS: list[tuple[object, str]] = [
    ({"organization": "a"}, "account"), (account(""), "account"), (account("x" * 121), "account"), (account("a\x00b"), "account"),
    (account("b", status="gone"), "status"), (account("b", status=["active"]), "status"),
    (account("b", content_terms="none"), "content_terms"),
    (account("b", content_terms=["standard"]), "content_terms"), (account("b", created_at="yesterday"), "created_at"),
    (account("b", created_at="2026-10-01T00:00:00"), "created_at"), (account("b", ended_at="3000-01-01T00:00:00Z"), "ended_at"),
    (account("b", ended_at=5), "ended_at"), (b"{", ""), (b"\x00\x01\x02", ""), (b"y" * 70_000, ""),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(BAD_ACCOUNTS)))
def test_a_faulty_account_is_refused_alone(tmp_path: Path, number: int) -> None:
    row, column = BAD_ACCOUNTS[number]
    figures = import_warehouse_accounts(SYSTEM, path=lines(tmp_path, account("good"), row, account("last")))
    assert [(found["line"], found["column"]) for found in figures.first_refusals] == [(2, column)]
    assert set(Account.objects.values_list("platform_id", flat=True)) == {"good", "last"}


def test_odd_plans_and_names_are_left_out(tmp_path: Path) -> None:
    figures = import_warehouse_accounts(SYSTEM, path=lines(tmp_path, account("x", plan="a\x00", organization="b\x00")))
    found = Account.objects.get()
    assert (figures.refused, found.plan, found.declared_name) == (0, "a", "b")
