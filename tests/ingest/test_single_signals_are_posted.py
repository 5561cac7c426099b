"""One signal at a time: answered when it counts, refused in words, by the detector's own token alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from enforcement.alerts.models import Alert
from enforcement.audit.actors import SYSTEM, Actor
from enforcement.audit.errors import Refusal
from enforcement.ingest.services import compact_posted, post_signal
from enforcement.signals.archive import Window, sample_rows
from enforcement.signals.models import Detector, PostedSignal
from enforcement.signals.services import authenticate_token, issue_token, revoke_token
from tests.ingest.rows import imported, signal


def test_a_first_signal_creates_the_alert_and_the_next_folds_into_it(watch: Detector) -> None:
    first = post_signal(SYSTEM, detector=watch, body=signal("a", score=10))
    second = post_signal(SYSTEM, detector=watch, body=signal("b", score=20))
    assert (first.result, second.result) == ("created", "folded")
    alert = Alert.objects.get()
    assert first.alert_id == second.alert_id == alert.pk
    assert (alert.tally.signals, alert.tally.score, alert.tally.title, alert.tally.severity) == (2, 20, "Odd hours", 3)


def test_a_context_record_names_no_alert(watch: Detector) -> None:
    result = post_signal(SYSTEM, detector=watch, body=signal("a", rule=None))
    assert (result.result, result.alert_id) == ("context", None)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"not json", 400, None),
        (b"[]", 400, None),
        (b"\xff\xfe", 400, None),
        (b"", 400, None),
        (b'{"a": NaN}', 400, None),
        (signal("a", account=None), 422, "account"),
        (signal("a", observed_at="3000-01-01T00:00:00Z"), 422, "observed_at"),
        (signal("a", score=400), 422, "score"),
        (b"x" * 1_100_000, 413, None),
    ],
)
def test_a_bad_signal_is_refused_with_its_field_and_leaves_nothing(
    watch: Detector, body: Any, status: int, field: str | None
) -> None:
    with pytest.raises(Refusal) as refusal:
        post_signal(SYSTEM, detector=watch, body=body)
    assert (refusal.value.status, refusal.value.field) == (status, field)
    assert not PostedSignal.objects.exists()
    assert not Account.objects.exists()


def test_a_token_posts_as_its_detector_and_as_no_other(watch: Detector, meter: Detector) -> None:
    _, secret = issue_token(SYSTEM, detector=watch)
    actor = authenticate_token(secret)
    assert post_signal(actor, detector=watch, body=signal("a")).result == "created"
    with pytest.raises(Refusal) as refusal:
        post_signal(actor, detector=meter, body=signal("a"))
    assert refusal.value.status == 403


@pytest.mark.parametrize("roles", [(), ("investigator",), ("administrator",)])
def test_people_do_not_post_signals(watch: Detector, roles: tuple[str, ...]) -> None:
    with pytest.raises(Refusal) as refusal:
        post_signal(Actor("person", 1, "Somebody", frozenset(roles)), detector=watch, body=signal("a"))
    assert refusal.value.status == 403


def test_a_revoked_token_is_told_so(watch: Detector) -> None:
    token, secret = issue_token(SYSTEM, detector=watch)
    revoke_token(SYSTEM, token_id=token.pk)
    with pytest.raises(Refusal) as refusal:
        authenticate_token(secret)
    assert (refusal.value.status, refusal.value.code) == (401, "token.revoked")


@pytest.mark.parametrize("way", ["posted", "imported"])
@pytest.mark.parametrize("terms", ["zero_retention", "regulated"])
def test_what_an_account_wrote_is_not_kept_where_its_terms_forbid_it(watch: Detector, terms: str, way: str) -> None:
    Account.objects.create(platform_id="ac-1", content_terms=terms)
    body = signal("a", sample={"excerpt": "What it wrote"}, raw={"prompt": "What it wrote"}, extra="What it wrote")
    open_body = signal("b", account="ac-2", sample={"excerpt": "What it wrote"})
    if way == "posted":
        post_signal(SYSTEM, detector=watch, body=body)
        post_signal(SYSTEM, detector=watch, body=open_body)
        assert "What it wrote" not in str(PostedSignal.objects.order_by("id")[0].body)
        compact_posted(watch)
    else:
        job = imported(watch, [body, open_body])
        assert (job.rows_accepted, job.rows_refused) == (2, 0)
        assert list(job.refusals_by_reason.values()) == [1]
    kept = {row["account"]: row for row in sample_rows(Window(), size=5, seed="s")}
    assert kept["ac-1"]["excerpt"] is None
    assert kept["ac-1"]["sample_sha256"]
    assert kept["ac-2"]["excerpt"] == "What it wrote"


def test_a_post_takes_a_fixed_number_of_queries(watch: Detector) -> None:
    post_signal(SYSTEM, detector=watch, body=signal("warm"))
    counts = []
    for number in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            post_signal(SYSTEM, detector=watch, body=signal(f"r{number}", principal="key"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 17
