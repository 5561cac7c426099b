"""One verdict and many: reasons, previews that freeze versions, what is skipped and by whom, and who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enforcement.alerts.models import Alert
from enforcement.alerts.selectors import AlertFilters
from enforcement.alerts.services import assign_alert, preview_triage, triage_alert, triage_alerts
from enforcement.audit.errors import Refusal
from enforcement.audit.models import Event
from enforcement.staff.matrix import MATRIX, Permission
from enforcement.staff.roles import Role
from tests.factories import account, alert, detectors, person, person_row

pytestmark = pytest.mark.django_db
MAY = {role.value for role in Role if Permission.ALERT_TRIAGE in MATRIX[role]}
ROLES = [role.value for role in Role if role is not Role.MACHINE]


def some(count: int) -> list[Alert]:
    _, harvest, _ = detectors()
    return [alert(account(), harvest, "PH-01", conduct="grading") for _ in range(count)]


def refused(status: int, code: str, field: str | None = None, **given: object) -> bool:
    with pytest.raises(Refusal) as refusal:
        triage_alert(person("triager"), **given)  # type: ignore[arg-type]
    assert (refusal.value.status, refusal.value.code, refusal.value.field) == (status, code, field)
    return True


def test_a_dismissal_keeps_who_when_and_why() -> None:
    (row,), actor = some(1), person("triager")
    done = triage_alert(actor, alert_id=row.pk, verdict="dismissed", reason="other", reason_text="Load test of ours.")
    assert (done.state, done.reason_text, done.decided_by_id, done.version) == (
        "dismissed",
        "Load test of ours.",
        actor.id,
        1,
    )
    assert done.reason is not None
    assert done.reason.code == "other"
    assert done.decided_at is not None
    event = Event.objects.get(verb="alerts.triaged")
    assert (event.data["verdict"], event.data["ids"]) == ("dismissed", [row.pk])


def test_what_a_verdict_needs_is_asked_for_by_name() -> None:
    first, second = some(2)
    given = {"alert_id": first.pk}
    assert refused(400, "alerts.reason", "reason", verdict="dismissed", **given)
    assert refused(400, "alerts.reason", "reason", verdict="dismissed", reason="because", **given)
    assert refused(
        400, "alerts.reason_text", "reason_text", verdict="dismissed", reason="other", reason_text=" ", **given
    )
    for other in (None, first.pk, 10**9):
        assert refused(400, "alerts.duplicate_of", "duplicate_of", verdict="duplicate", duplicate_of=other, **given)
    for verdict in ("new", "guilty", ""):
        assert refused(400, "alerts.verdict", "verdict", verdict=verdict, **given)
    assert refused(404, "alert.not_found", None, verdict="triaging", alert_id=10**9)
    done = triage_alert(person("triager"), alert_id=first.pk, verdict="duplicate", duplicate_of=second.pk)
    assert done.duplicate_of == second
    assert Event.objects.filter(verb="alerts.triaged").count() == 1


def test_taking_back_forgets_the_verdict_and_gives_it_to_who_took_it() -> None:
    (row,), actor = some(1), person("triager")
    triage_alert(actor, alert_id=row.pk, verdict="dismissed", reason="false_positive")
    back = triage_alert(actor, alert_id=row.pk, verdict="triaging")
    assert (back.reason, back.decided_by, back.decided_at, back.assignee_id) == (None, None, None, actor.id)


def test_a_stale_version_is_refused_with_who_and_when() -> None:
    (row,) = some(1)
    triage_alert(person("lead", name="Daniel Okafor"), alert_id=row.pk, verdict="escalated")
    with pytest.raises(Refusal, match=r"set to escalated by Daniel Okafor at .* UTC after you opened it"):
        triage_alert(person("triager"), alert_id=row.pk, verdict="dismissed", reason="own_test", version=0)
    row.refresh_from_db()
    assert row.state == "escalated"


def test_a_preview_freezes_ids_and_versions_and_later_changes_are_skipped_and_named() -> None:
    rows, actor = some(4), person("triager")
    preview = preview_triage(actor, verdict="dismissed", ids=[row.pk for row in rows])
    assert (preview.ids, preview.versions) == (tuple(row.pk for row in rows), (0, 0, 0, 0))
    assert (preview.by_state, preview.accounts) == ({"new": 4}, 4)
    late = some(1)[0]
    triage_alert(person("lead", name="Ruth Adeyemi"), alert_id=rows[0].pk, verdict="escalated")
    assign_alert(person("lead"), alert_id=rows[1].pk, person=person_row(person("triager", name="Priya Nair")))
    done = triage_alerts(
        actor, ids=preview.ids, versions=preview.versions, verdict="dismissed", reason="false_positive"
    )
    assert done.changed == (rows[2].pk, rows[3].pk)
    assert [(s.alert_id, s.state, s.by) for s in done.skipped] == [
        (rows[0].pk, "escalated", "Ruth Adeyemi"), (rows[1].pk, "new", "Priya Nair"),
    ]  # fmt: skip
    late.refresh_from_db()
    assert late.state == "new"


def test_a_preview_by_filters_takes_what_may_move_and_counts_the_rest() -> None:
    rows, actor = some(3), person("triager")
    triage_alert(actor, alert_id=rows[0].pk, verdict="escalated")
    preview = preview_triage(actor, verdict="dismissed", filters=AlertFilters(rule="PH-01"))
    assert preview.ids == (rows[1].pk, rows[2].pk)
    assert preview.by_state == {"escalated": 1, "new": 2}
    assert preview_triage(actor, verdict="dismissed", ids=()).ids == ()


def test_many_take_as_many_statements_as_few() -> None:
    actor = person("triager")
    counts = []
    for count in (2, 300):
        ids = [row.pk for row in some(count)]
        with CaptureQueriesContext(connection) as queries:
            done = triage_alerts(actor, ids=ids, versions=[0] * count, verdict="escalated")
        assert len(done.changed) == count
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] <= 8


def test_more_than_ten_thousand_are_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        triage_alerts(person("triager"), ids=range(10_001), verdict="escalated")
    assert (refusal.value.code, refusal.value.status) == ("alerts.too_many", 400)


def test_nothing_done_records_nothing() -> None:
    (row,) = some(1)
    triage_alert(person("triager"), alert_id=row.pk, verdict="escalated")
    done = triage_alerts(person("triager"), ids=[row.pk], verdict="escalated")
    assert (done.changed, [s.alert_id for s in done.skipped]) == ((), [row.pk])
    assert Event.objects.filter(verb="alerts.triaged").count() == 1


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_a_role_triages_when_the_matrix_says_so(role: str) -> None:
    (row,), actor = some(1), person(*([role] if role else []))
    acts = (
        lambda: preview_triage(actor, verdict="escalated", ids=[row.pk]),
        lambda: assign_alert(actor, alert_id=row.pk, person=None),
        lambda: triage_alert(actor, alert_id=row.pk, verdict="escalated"),
    )
    for act in acts:
        if role in MAY:
            act()
        else:
            with pytest.raises(Refusal) as refusal:
                act()
            assert refusal.value.status == 403
    row.refresh_from_db()
    assert row.state == ("escalated" if role in MAY else "new")


def test_an_alert_that_is_not_there_is_given_to_nobody() -> None:
    with pytest.raises(Refusal) as refusal:
        assign_alert(person("triager"), alert_id=10**9, person=None)
    assert refusal.value.status == 404


def test_a_repeat_never_changes_a_verdict() -> None:
    (row,) = some(1)
    triage_alert(person("triager"), alert_id=row.pk, verdict="escalated")
    row.tally.signals += 100
    row.tally.last_seen_at += timedelta(days=1)
    row.tally.save()
    row.refresh_from_db()
    assert row.state == "escalated"
