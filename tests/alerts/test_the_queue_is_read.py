"""The queue: filters by table, head counts, keyset pages, canaries apart, strangers out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from enforcement.alerts.models import Alert, AlertTally
from enforcement.alerts.selectors import ALERT_SORTS, AlertFilters, get_alert, list_alerts, queue_counts, read_signals
from enforcement.alerts.services import assign_alert, triage_alert
from enforcement.audit.errors import Refusal
from enforcement.signals.models import Detector
from tests.factories import EVENING, MORNING, account, alert, detectors, person, person_row, ring

pytestmark = pytest.mark.django_db


@pytest.fixture
def five() -> list[Alert]:
    """Metered; two that flag conduct (one severe, one dismissed); one of egress; one of a canary."""
    meter, harvest, egress = detectors()
    canary = Detector.objects.create(slug="canary", name="Canary", state="canary")
    rows = [
        alert(account(), meter, "UM-01"),
        alert(account(), harvest, "PH-01", conduct="grading"),
        alert(account(), harvest, "PH-02"),
        alert(account(), egress, "EW-03", first=EVENING - timedelta(days=2)),
        alert(account(), canary, "CA-01"),
    ]
    AlertTally.objects.filter(alert=rows[1]).update(severity=5)
    triage_alert(person("triager"), alert_id=rows[2].pk, verdict="dismissed", reason="false_positive")
    Alert.objects.filter(pk=rows[3].pk).update(resurfaced_at=timezone.now())
    return rows


FILTERS: dict[str, tuple[AlertFilters, list[int]]] = {
    "nothing asked": (AlertFilters(), [0, 1, 2, 3]),
    "open": (AlertFilters(states=("new", "triaging")), [0, 1, 3]),
    "dismissed": (AlertFilters(states=("dismissed",)), [2]),
    "severe": (AlertFilters(severity_at_least=4), [1]),
    "severity of nought": (AlertFilters(severity_at_least=0), [0, 1, 2, 3]),
    "a detector": (AlertFilters(detector="prompt-harvest"), [1, 2]),
    "a rule": (AlertFilters(rule="EW-03"), [3]),
    "metering": (AlertFilters(metering=True), [0]),
    "not metering": (AlertFilters(metering=False), [1, 2, 3]),
    "conduct": (AlertFilters(conduct="grading"), [1]),
    "canary": (AlertFilters(canary=True), [4]),
    "resurfaced": (AlertFilters(resurfaced=True), [3]),
    "unclustered": (AlertFilters(clustered=False), [0, 1, 2, 3]),
    "clustered": (AlertFilters(clustered=True), []),
    "a cluster": (AlertFilters(cluster="CL-9999"), []),
    "an account": (AlertFilters(account="nobody"), []),
    "seen until the first day": (AlertFilters(seen_until=MORNING.date()), [0, 1, 2]),
    "seen after the last day": (AlertFilters(seen_from=EVENING.date() + timedelta(days=1)), []),
    "young": (AlertFilters(age_days=(0, 1)), [0, 1, 2, 3]),
    "old": (AlertFilters(age_days=(7, None)), []),
    "of a far day": (AlertFilters(seen_from=date(9999, 12, 31)), []),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_its_own(five: list[Alert], name: str) -> None:
    filters, wanted = FILTERS[name]
    found = list_alerts(person("triager"), filters=filters)
    assert {row.pk for row in found.rows} == {five[place].pk for place in wanted}
    assert found.total == len(wanted)


def test_head_counts_agree_with_the_lists(five: list[Alert]) -> None:
    actor = person("triager")
    ring(10)
    assign_alert(actor, alert_id=five[1].pk, person=person_row(actor))
    counts = queue_counts(actor)
    assert counts == {"queue": 10, "high": 1, "mine": 1, "resurfaced": 1, "unclustered": 2, "metering": 11, "canary": 1}
    assert queue_counts(person("triager"))["mine"] == 0


@pytest.mark.parametrize("sort", ALERT_SORTS)
def test_every_order_walks_the_queue_once(sort: str) -> None:
    _, harvest, _ = detectors()
    rows = [alert(account(), harvest, "PH-01") for _ in range(25)]
    for number, row in enumerate(rows):
        AlertTally.objects.filter(alert=row).update(
            exchanges=number % 3, severity=number % 4, last_seen_at=EVENING - timedelta(hours=number % 5)
        )
    actor, seen, cursor = person("auditor"), [], ""
    for _ in range(4):
        page = list_alerts(actor, filters=AlertFilters(), sort=sort, cursor=cursor, size=7)
        seen += [row.pk for row in page.rows]
        cursor = page.older
    whole = list_alerts(actor, filters=AlertFilters(), sort=sort, size=200)
    assert seen == [row.pk for row in whole.rows]
    assert len(set(seen)) == 25
    assert cursor == ""
    newer = list_alerts(actor, filters=AlertFilters(), sort=sort, cursor=page.newer, size=7)
    assert [row.pk for row in newer.rows] == seen[14:21]


def test_a_page_stays_where_it_was_when_new_ones_come() -> None:
    _, harvest, _ = detectors()
    rows = [alert(account(), harvest, "PH-01") for _ in range(6)]
    actor = person("triager")
    first = list_alerts(actor, filters=AlertFilters(), size=3)
    alert(account(), harvest, "PH-01")
    second = list_alerts(actor, filters=AlertFilters(), cursor=first.older, size=3)
    assert [row.pk for row in second.rows] == [row.pk for row in rows[2::-1]]


def test_the_list_takes_the_same_queries_for_any_length(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    actor = person("triager")
    for members in (5, 40):
        ring(members)
        with django_assert_num_queries(5):
            for row in list_alerts(actor, filters=AlertFilters(), size=200).rows:
                assert row.account.open_memberships[0].cluster.ref
                assert (row.tally.title, row.daily) is not None


def test_one_alert_tells_the_others_of_its_account() -> None:
    made = ring(10)
    row = Alert.objects.get(account=made.accounts[0], rule="PH-01")
    view = get_alert(person("triager"), alert_id=row.pk)
    assert view.membership is not None
    assert view.membership.cluster == made.cluster
    assert [other.rule for other in view.others] == ["UM-01"]


def test_strangers_and_administrators_see_no_alert(five: list[Alert]) -> None:
    for actor in (person(), person("administrator")):
        for read in (
            lambda who: list_alerts(who, filters=AlertFilters()), lambda who: get_alert(who, alert_id=five[0].pk),
            queue_counts, lambda who: read_signals(who, alert_id=five[0].pk),
        ):  # fmt: skip
            with pytest.raises(Refusal) as refusal:
                read(actor)
            assert refusal.value.status == 403
    with pytest.raises(Refusal) as refusal:
        get_alert(person("triager"), alert_id=10**9)
    assert refusal.value.status == 404
