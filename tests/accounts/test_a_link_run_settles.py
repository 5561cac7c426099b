"""Link runs persist: ids survive growth, merges and splits leave aliases, leavers leave, and running again changes nothing."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from accounts.models import (
    Account,
    Cluster,
    ClusterAlias,
    ClusterRollup,
    Identifier,
    LinkRun,
    Membership,
    Suggestion,
    Verdict,
)
from accounts.services import request_link_run, run_linking
from accounts.services.linking import _RUN_LOCK
from enforcement.audit.actors import SYSTEM
from enforcement.audit.errors import Refusal
from enforcement.audit.models import Event, History
from enforcement.signals.models import Detector
from tests.accounts.conftest import DAY, both, groups, linked, only, retire, seen, star, strangers, told
from tests.factories import person, person_row
from tests.ingest.rows import imported

pytestmark = pytest.mark.django_db
A = ["a-1", "a-2", "a-3", "a-4"]
B = ["b-1", "b-2", "b-3"]


def standing() -> list[object]:
    """Memberships whole, and what clusters add up to."""
    sums = ClusterRollup.objects.order_by("id").values_list("exchanges", "accounts")
    return [*Membership.objects.order_by("id").values(), *sums]


def test_a_cluster_keeps_its_id_and_ref_through_growth(meter: Detector, tmp_path: Path) -> None:
    seen(meter, both(star("card", A), strangers(20)))
    told(tmp_path)
    first = linked()
    cluster = only()
    assert groups() == {cluster.ref: set(A)}
    assert (first.clusters, first.members, first.figures["joined"], first.figures["left"]) == (1, 4, 4, 0)
    seen(meter, star("card", ["a-5", "a-6"]), name="later")
    second = linked()
    assert groups() == {cluster.ref: {*A, "a-5", "a-6"}}
    assert (second.figures["joined"], second.figures["left"], only().pk, only().size) == (2, 0, cluster.pk, 6)
    assert set(Membership.objects.values_list("joined_run_id", flat=True)) == {first.pk, second.pk}
    assert not ClusterAlias.objects.exists()


def test_a_second_run_on_the_same_rows_changes_nothing(meter: Detector, tmp_path: Path) -> None:
    seen(meter, both(star("card", A), star("slip", B), strangers(20)))
    told(tmp_path)
    linked()
    before = standing()
    newest = History.objects.order_by("-id").values_list("id", flat=True)[0]
    second = linked()
    assert (second.figures["joined"], second.figures["left"], second.figures["ended"]) == (0, 0, 0)
    assert before == standing()
    tables = set(History.objects.filter(id__gt=newest).values_list("table_name", flat=True))
    assert tables <= {"accounts_linkrun", "accounts_cluster"}
    assert History.objects.filter(id__gt=newest, table_name="accounts_cluster").count() <= 2


def test_two_that_become_one_leave_an_alias(meter: Detector, tmp_path: Path) -> None:
    old = seen(meter, both(star("card", A), star("slip", B), strangers(20)))
    told(tmp_path)
    linked()
    larger, smaller = (Cluster.objects.get(memberships__account__platform_id=name) for name in ("a-1", "b-1"))
    assert larger != smaller
    retire(old)
    seen(meter, both(star("card", A + B), strangers(20)), name="one")
    run = linked()
    assert groups() == {larger.ref: {*A, *B}}
    smaller.refresh_from_db()
    assert (smaller.state, smaller.size) == ("merged", 0)
    alias = ClusterAlias.objects.get()
    assert (alias.cluster, alias.was, alias.kind, alias.run) == (larger, smaller, "merge", run)
    history = Membership.objects.filter(account__platform_id="b-1").order_by("id")
    assert [(m.cluster, m.left_run_id) for m in history] == [(smaller, run.pk), (larger, None)]


def test_one_that_becomes_two_leaves_an_alias(meter: Detector, tmp_path: Path) -> None:
    old = seen(meter, both(star("card", A + B), strangers(20)))
    told(tmp_path)
    linked()
    whole = only()
    retire(old)
    seen(meter, both(star("card", A), star("slip", B), strangers(20)), name="two")
    run = linked()
    part = Cluster.objects.exclude(pk=whole.pk).get()
    assert groups() == {whole.ref: set(A), part.ref: set(B)}
    alias = ClusterAlias.objects.get()
    assert (alias.cluster, alias.was, alias.kind, alias.run) == (part, whole, "split", run)
    assert (Cluster.objects.get(pk=whole.pk).size, part.size) == (4, 3)


def test_accounts_that_leave_are_let_go_and_an_empty_cluster_is_dissolved(meter: Detector, tmp_path: Path) -> None:
    old = seen(meter, both(star("card", A), strangers(20)))
    told(tmp_path)
    linked()
    cluster = only()
    retire(old)
    middle = seen(meter, both(star("card", A[:3]), strangers(20)), name="fewer")
    run = linked()
    assert groups() == {cluster.ref: set(A[:3])}
    gone = Membership.objects.get(account__platform_id="a-4")
    assert (gone.left_run_id, gone.left_at is not None) == (run.pk, True)
    retire(middle)
    seen(meter, strangers(20), name="none")
    linked()
    cluster.refresh_from_db()
    assert (groups(), cluster.state, cluster.size) == ({}, "dissolved", 0)


def test_without_a_reference_nothing_is_held_as_told(meter: Detector) -> None:
    seen(meter, both(star("card", A), strangers(20)))
    run = linked()
    assert (run.clusters, run.reference, groups()) == (0, None, {})
    assert Suggestion.objects.filter(run=run, kind="untold").exists()


def test_no_sightings_give_an_empty_run(db: None) -> None:
    run = linked()
    assert (run.clusters, run.members, run.sightings) == (0, 0, 0)


def said(kind: str, **about: object) -> Verdict:
    return Verdict.objects.create(kind=kind, reason="Known to us.", said_by=person_row(person("lead")), **about)


def numbered(name: str) -> Account:
    return Account.objects.get(platform_id=name)


def test_what_a_person_said_survives_every_later_run(meter: Detector, tmp_path: Path) -> None:
    seen(meter, both(star("card", A), star("slip", B), strangers(20)))
    told(tmp_path)
    linked()
    said("must_link", account=numbered("a-1"), other=numbered("honest-3"))
    said("cannot_link", account=numbered("a-1"), other=numbered("a-4"))
    ignored = said("ignore_identifier", identifier=Identifier.objects.get(kind="payment", value="slip"))
    for _ in range(2):
        linked()
        together = [accounts for accounts in groups().values() if "a-1" in accounts]
        assert len(together) == 1
        assert "honest-3" in together[0]
        assert "a-4" not in together[0]
        assert not any("b-1" in accounts for accounts in groups().values())
    role = Membership.objects.get(account__platform_id="honest-3", left_run=None).role
    assert role == "person"
    Verdict.objects.filter(pk=ignored.pk).update(undone_at=ignored.said_at)
    linked()
    assert set(B) in groups().values()


def test_rollups_are_the_sums_by_hand(meter: Detector, tmp_path: Path) -> None:
    seen(meter, both(star("card", A), strangers(20)))
    rows = [
        {"source_ref": f"m/{a}/{day}", "account": a, "observed_at": f"{DAY + timedelta(days=day)}T12:00:00Z", "rule": "M-1",
         "exchanges": 10 * number + day, "product": "api"}
        for number, a in enumerate(A[:3], 1) for day in range(3)
    ]  # fmt: skip
    imported(meter, rows)
    told(tmp_path)
    linked()
    rollup = ClusterRollup.objects.get(cluster=only())
    assert (rollup.accounts, rollup.active_accounts, rollup.exchanges) == (4, 4, 60 * 3 + 9)
    assert (rollup.first_day, rollup.last_day) == (DAY, DAY + timedelta(days=2))
    assert (rollup.peak_day, rollup.peak_exchanges, rollup.highest_account_day) == (DAY + timedelta(days=2), 66, 32)


def test_one_run_at_a_time(db: None) -> None:
    waiting = request_link_run(SYSTEM)
    assert request_link_run(SYSTEM).pk == waiting.pk
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [_RUN_LOCK])
        assert run_linking(SYSTEM, run_id=waiting.pk).state == "queued"
        other.execute("SELECT pg_advisory_unlock(%s)", [_RUN_LOCK])
    done = run_linking(SYSTEM, run_id=waiting.pk)
    assert done.state == "done"
    assert run_linking(SYSTEM, run_id=waiting.pk).finished_at == done.finished_at
    assert Event.objects.filter(verb="accounts.linked").count() == 1


def test_a_run_that_fails_says_why_and_changes_nothing(
    meter: Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(meter, both(star("card", A), strangers(20)))
    told(tmp_path)
    linked()
    before = groups()

    def broken(**_: object) -> None:
        raise ValueError("no such luck")

    with monkeypatch.context() as patch, pytest.raises(ValueError, match="no such luck"):
        patch.setattr("accounts.services.linking.settle", broken)
        run_linking(SYSTEM)
    failed = LinkRun.objects.first()
    assert failed is not None
    assert (failed.state, failed.failure, groups()) == ("failed", "no such luck", before)
    assert linked().pk > failed.pk


@pytest.mark.parametrize("roles", [(), ("triager",), ("auditor",), ("reviewer",)])
def test_a_stranger_runs_nothing(db: None, roles: tuple[str, ...]) -> None:
    for act in (request_link_run, run_linking):
        with pytest.raises(Refusal) as refusal:
            act(person(*roles))
        assert refusal.value.status == 403
    assert not LinkRun.objects.exists()
