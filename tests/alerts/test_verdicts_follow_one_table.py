"""Every pair of verdicts, legal and illegal, through the service and straight in the database."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from enforcement.alerts.models import Alert
from enforcement.alerts.services import triage_alert
from enforcement.alerts.states import ALERT_STATES
from enforcement.audit.database_errors import refusal_from
from enforcement.audit.errors import Refusal
from tests.factories import account, alert, detectors, person

pytestmark = pytest.mark.django_db
STATES = ("new", "triaging", "escalated", "dismissed", "duplicate")
LEGAL = {
    "new": {"triaging", "escalated", "dismissed", "duplicate"},
    "triaging": {"escalated", "dismissed", "duplicate"},
    "escalated": {"triaging"},
    "dismissed": {"triaging"},
    "duplicate": {"triaging"},
}


def in_state(state: str) -> Alert:
    """An alert brought to a state by a person, through the service."""
    _, harvest, _ = detectors()
    made = alert(account(), harvest, "PH-01")
    if state != "new":
        told(made, state)
        made.refresh_from_db()
    return made


def told(row: Alert, verdict: str) -> Alert:
    other = alert(account(), row.detector, "PH-02").pk if verdict == "duplicate" else None
    reason = "false_positive" if verdict == "dismissed" else ""
    return triage_alert(person("triager"), alert_id=row.pk, verdict=verdict, reason=reason, duplicate_of=other)


def test_the_table_is_the_designs() -> None:
    assert set(ALERT_STATES.states) == set(STATES)
    assert {old: set(ALERT_STATES.moves[old]) for old in STATES} == LEGAL


@pytest.mark.parametrize("old", STATES)
def test_the_service_allows_the_legal_moves_alone(old: str) -> None:
    for verdict in STATES:
        row = in_state(old)
        if verdict in LEGAL[old]:
            assert told(row, verdict).state == verdict
        else:
            with pytest.raises(Refusal) as refusal:
                told(row, verdict)
            assert refusal.value.status in {400, 409}
            row.refresh_from_db()
            assert row.state == old


@pytest.mark.parametrize("old", STATES)
def test_the_database_refuses_every_other_move(old: str) -> None:
    other = in_state("new").pk
    reason = in_state("dismissed").reason_id
    for new in STATES:
        row = in_state(old)
        change = "UPDATE alerts_alert SET state = %s, reason_id = %s, duplicate_of_id = %s WHERE id = %s"
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(change, [new, reason, other, row.pk])
            refused = False
        except DatabaseError as error:
            found = refusal_from(error)
            assert found is not None
            assert found.code == "database.state"
            refused = True
        assert refused == (new != old and new not in LEGAL[old]), (old, new)


def test_an_alert_begins_as_new_alone() -> None:
    _, harvest, _ = detectors()
    with pytest.raises(DatabaseError), transaction.atomic():
        Alert.objects.create(detector=harvest, rule="PH-01", account=account(), state="escalated")


@pytest.mark.parametrize("verdict", ["dismissed", "duplicate"])
def test_the_database_asks_for_a_reason_and_for_the_other_alert(verdict: str) -> None:
    row = in_state("new")
    with pytest.raises(DatabaseError), transaction.atomic():
        Alert.objects.filter(pk=row.pk).update(state=verdict)


def test_what_an_alert_is_about_never_changes() -> None:
    row = in_state("new")
    for column, value in (("rule", "X-1"), ("account_id", account().pk), ("detector_id", detectors()[2].pk)):
        with pytest.raises(DatabaseError), transaction.atomic():
            Alert.objects.filter(pk=row.pk).update(**{column: value})
