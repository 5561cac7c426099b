"""A table that people change has row history; one without it is named here, with the reason."""

import pytest
from django.apps import apps

from enforcement.audit.protections import tracked_tables
from tests.house.tree import STAGES

WITHOUT_HISTORY = {
    "audit_event": "is the record itself: append-only and sealed",
    "audit_history": "is the record itself: written by triggers alone, and sealed",
    "audit_seal": "is the seal: append-only, chained and signed",
    "accounts_account": "counts and days are derived; the status is told by events and by the platform",
    "accounts_principal": "derived from signals",
    "accounts_identifier": "derived from signals",
    "accounts_sighting": "derived from segments",
    "accounts_dailycount": "derived from segments",
    "accounts_membershipbasis": "written once, with its membership, by a link run that names its method and snapshot",
    "accounts_clustercore": "derived by a link run",
    "accounts_clustercore_identifiers": "derived by a link run",
    "accounts_clusterhub": "derived by a link run",
    "accounts_clustercut": "derived by a link run",
    "accounts_suggestion": "derived by a link run",
    "accounts_clusterrollup": "derived from tallies",
    "alerts_alerttally": "derived from signals",
    "alerts_alertday": "derived from signals",
    "cases_blocker": "a guard computed from rows that have history",
    "cases_involvement": "written by triggers alone, append-only",
    "decisions_decision_rules": "frozen in the decision's snapshot",
    "evidence_extractaccount": "counts of an extract, append-only, derived from its file",
    "ingest_deadwake": "a log of failed tasks",
    "ingest_idempotencykey": "append-only: what a caller's key created",
    "signals_postedsignal": "kept as sent, under its own hash, until it is in a segment",
    "signals_revision": "kept as sent, under its own hash, changing nothing",
}


def _tables() -> set[str]:
    return {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in STAGES and model._meta.managed
    }


@pytest.mark.parametrize("table", sorted(_tables()))
def test_this_one_has_history_or_a_reason(table: str) -> None:
    tracked = {found.table for found in tracked_tables()}
    assert (table in tracked) != (table in WITHOUT_HISTORY)


def test_no_reason_is_left_for_a_table_that_is_gone() -> None:
    assert set(WITHOUT_HISTORY) <= _tables()


def test_no_secret_is_written_to_history() -> None:
    hidden = {found.table: set(found.hidden) for found in tracked_tables()}
    assert "password" in hidden["staff_person"]
    assert "token_sha256" in hidden["signals_detectortoken"]
    assert "secret" in hidden["actions_connector"]
