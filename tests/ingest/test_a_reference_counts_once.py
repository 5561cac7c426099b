"""A (detector, source_ref) counts once, in whatever order and by whatever way it came."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, DailyCount, Identifier
from enforcement.alerts.models import Alert, AlertTally
from enforcement.audit.actors import SYSTEM
from enforcement.audit.models import Event
from enforcement.ingest.services import compact_posted, post_signal
from enforcement.signals.models import Detector, PostedSignal, Revision, Segment
from tests.ingest.rows import derived, imported, ndjson, signal


def test_the_same_file_again_changes_nothing_and_says_so(meter: Detector) -> None:
    rows = [signal(f"r{n}", exchanges=2, identifiers=[{"kind": "ip", "value": "198.18.0.1"}]) for n in range(10)]
    first = imported(meter, rows)
    before, events = derived(), Event.objects.filter(verb="ingest.import_folded").count()
    again = imported(meter, rows, name="other-name.ndjson")
    assert (again.state, again.same_as_id, again.rows_read, again.segment) == ("done", first.pk, 0, None)
    assert derived() == before
    assert Event.objects.filter(verb="ingest.import_folded").count() == events


def test_a_file_with_refusals_is_read_again_and_counts_nothing_twice(meter: Detector) -> None:
    rows = [signal("one", exchanges=1), b"no", signal("two", exchanges=1)]
    imported(meter, rows)
    before = derived()
    again = imported(meter, rows)
    assert (again.rows_duplicate, again.rows_accepted, again.rows_refused, again.segment) == (2, 0, 1, None)
    assert derived() == before


def test_the_same_reference_of_another_detector_is_another_signal(meter: Detector, watch: Detector) -> None:
    rows = [signal("one", exchanges=5)]
    assert imported(meter, rows).rows_accepted == 1
    assert imported(watch, rows).rows_accepted == 1
    assert Segment.objects.count() == 2


def test_repeats_inside_a_file_are_duplicates_or_revisions_of_the_first(watch: Detector) -> None:
    job = imported(
        watch, [signal("a", score=1), signal("a", score=1), signal("a", score=2), signal("b"), signal("a", score=1)]
    )
    assert (job.rows_accepted, job.rows_duplicate, job.rows_revised) == (2, 2, 1)
    assert Revision.objects.get().body["score"] == 2
    assert AlertTally.objects.get().score == 1


def test_a_changed_body_is_a_revision_and_changes_no_tally(meter: Detector) -> None:
    imported(meter, [signal("a", exchanges=3), signal("b", exchanges=4)])
    before = derived()
    job = imported(
        meter, [signal("a", exchanges=300), signal("b", exchanges=4), signal("c", account="ac-2", exchanges=1)]
    )
    assert (job.rows_accepted, job.rows_duplicate, job.rows_revised) == (1, 1, 1)
    assert derived()["tallies"][0] == before["tallies"][0]
    revision = Revision.objects.get()
    assert (revision.source_ref, revision.body["exchanges"]) == ("a", 300)
    imported(meter, [signal("a", exchanges=300)])
    assert Revision.objects.count() == 1


def test_the_same_body_in_another_spelling_is_a_duplicate(watch: Detector) -> None:
    one = signal(
        "a", severity=4, identifiers=[{"kind": "ip", "value": "2001:db8::1"}, {"kind": "asn", "value": "AS64512"}]
    )
    other = {
        "identifiers": [{"kind": "asn", "value": "as64512"}, {"kind": "ip", "value": "2001:0DB8:0:0::1"}],
        **signal("a", observed_at="2026-10-01T12:00:00+02:00", severity="High", title=None),
    }
    imported(watch, [one])
    assert imported(watch, [other]).rows_duplicate == 1
    assert post_signal(SYSTEM, detector=watch, body=other).result == "duplicate"


def test_exchanges_come_from_the_metering_detector_alone(meter: Detector, watch: Detector) -> None:
    imported(meter, [signal("a", rule="M-1", exchanges=7), signal("b", rule="M-1", exchanges=5, product="other")])
    before = (list(DailyCount.objects.values_list("exchanges", "product")), Account.objects.get().exchanges)
    assert before == ([(7, "api")], 7)
    imported(watch, [signal("a", exchanges=1000), signal("b", exchanges=50, product="api")])
    post_signal(SYSTEM, detector=watch, body=signal("c", exchanges=9))
    assert (list(DailyCount.objects.values_list("exchanges", "product")), Account.objects.get().exchanges) == before
    assert AlertTally.objects.get(alert__rule="W-1").exchanges == 1059
    assert AlertTally.objects.get(alert__rule="M-1").exchanges == 12


def test_a_context_record_makes_sightings_and_no_alert(meter: Detector) -> None:
    job = imported(meter, [signal("c", rule=None, exchanges=4, identifiers=[{"kind": "ip", "value": "198.18.3.4"}])])
    assert (job.rows_context, Alert.objects.count(), DailyCount.objects.count()) == (1, 0, 0)
    account = Account.objects.get()
    assert account.exchanges == 0
    assert account.first_seen_at is not None
    assert set(Identifier.objects.values_list("kind", "value", "holders")) == {
        ("ip", "198.18.3.4", 1),
        ("subnet", "198.18.3.0/24", 1),
    }


def test_holders_count_accounts_over_every_detector_once(meter: Detector, watch: Detector) -> None:
    here = [{"kind": "device", "value": "dv-1"}]
    imported(meter, [signal(f"r{n}", account=f"ac-{n % 3}", identifiers=here) for n in range(9)])
    imported(watch, [signal(f"r{n}", account=f"ac-{n}", identifiers=here) for n in range(2, 5)])
    assert Identifier.objects.get().holders == 5


def test_posted_then_imported_and_imported_then_posted_count_once(meter: Detector) -> None:
    one, two = signal("one", exchanges=1), signal("two", exchanges=1)
    assert post_signal(SYSTEM, detector=meter, body=one).result == "created"
    assert post_signal(SYSTEM, detector=meter, body=one).result == "duplicate"
    job = imported(meter, [one, two])
    assert (job.rows_accepted, job.rows_duplicate) == (1, 1)
    assert post_signal(SYSTEM, detector=meter, body=two).result == "duplicate"
    assert post_signal(SYSTEM, detector=meter, body={**two, "exchanges": 2}).result == "revised"
    assert post_signal(SYSTEM, detector=meter, body={**one, "exchanges": 2}).result == "revised"
    assert Account.objects.get().exchanges == 2
    assert Revision.objects.count() == 2


def test_compaction_moves_posts_to_the_archive_and_changes_no_tally(meter: Detector) -> None:
    body = signal("one", exchanges=3, identifiers=[{"kind": "ip", "value": "198.18.0.9"}])
    post_signal(SYSTEM, detector=meter, body=body)
    before = derived()
    segment = compact_posted(meter)
    assert segment is not None
    assert (segment.rows, segment.sightings_rows, PostedSignal.objects.count()) == (1, 2, 0)
    after = derived()
    assert after.pop("identifiers") != before.pop("identifiers")
    assert after == before
    assert compact_posted(meter) is None
    assert post_signal(SYSTEM, detector=meter, body=body).result == "duplicate"
    assert imported(meter, [body]).rows_duplicate == 1
    assert derived()["daily"] == before["daily"]


class _Undo(Exception):
    pass


_IPS = [f"198.18.{n}.{n}" for n in range(3)]
_BODY = st.fixed_dictionaries(
    {
        "source_ref": st.integers(0, 6).map(lambda n: f"r{n}"),
        "account": st.sampled_from(["ac-1", "ac-2"]),
        "observed_at": st.sampled_from(["2026-10-01T10:00:00Z", "2026-10-02T00:00:00Z", "2026-10-02T23:59:59.5Z"]),
    },
    optional={
        "rule": st.sampled_from(["M-1", "M-2"]),
        "exchanges": st.integers(0, 5),
        "severity": st.sampled_from([0, 3, 99, "high"]),
        "score": st.sampled_from([0, 12.5, 99]),
        "title": st.sampled_from(["One", "Two \\ three"]),
        "principal": st.sampled_from(["key-1", "key-2"]),
        "conduct": st.sampled_from(["grading", "resale"]),
        "product": st.sampled_from(["api", "batch"]),
        "identifiers": st.lists(
            st.fixed_dictionaries({"kind": st.just("ip"), "value": st.sampled_from(_IPS)}), max_size=2
        ),
    },
)


def _sent(detector: Detector, bodies: list[dict[str, Any]], seed: int) -> dict[str, Any]:
    """The derived rows after the bodies came in some order, in some files and some posts."""
    chance = random.Random(seed)
    chance.shuffle(bodies)
    found: dict[str, Any] = {}
    try:
        with transaction.atomic():
            while bodies:
                size = chance.randint(1, len(bodies))
                part, bodies = bodies[:size], bodies[size:]
                if chance.random() < 0.5:
                    imported(detector, ndjson(part + ([part[0]] if chance.random() < 0.3 else [])))
                else:
                    for body in part:
                        post_signal(SYSTEM, detector=detector, body=body)
                    if chance.random() < 0.5:
                        compact_posted(detector)
            compact_posted(detector)
            found = derived()
            raise _Undo
    except _Undo:
        return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    bodies=st.lists(_BODY, min_size=1, max_size=7, unique_by=lambda b: b["source_ref"]),
    seeds=st.tuples(st.integers(), st.integers()),
)
def test_any_order_and_any_way_gives_the_same_rows(
    meter: Detector, bodies: list[dict[str, Any]], seeds: tuple[int, int]
) -> None:
    assert _sent(meter, list(bodies), seeds[0]) == _sent(meter, list(bodies), seeds[1])


@pytest.mark.parametrize("days", [1, 3])
def test_late_arrivals_land_on_their_own_day(meter: Detector, days: int) -> None:
    for day in range(days, 0, -1):
        imported(meter, [signal(f"d{day}", exchanges=day, observed_at=f"2026-10-0{day}T00:00:00Z")])
    assert list(DailyCount.objects.order_by("day").values_list("exchanges", flat=True)) == list(range(1, days + 1))
