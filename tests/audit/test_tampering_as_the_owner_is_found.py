"""Whoever owns the database can change anything in it; the seal tells."""

import pytest

from enforcement.audit.heads import heads_path, published
from enforcement.audit.models import Seal
from enforcement.audit.services import seal_now
from enforcement.audit.verification import verify_audit
from tests.audit.tampering import as_owner, codes, some_acts

CUT_LAST_BATCH = """
    DELETE FROM audit_event WHERE xid >= (SELECT max(from_xid) FROM audit_seal);
    DELETE FROM audit_history WHERE xid >= (SELECT max(from_xid) FROM audit_seal);
    DELETE FROM audit_seal WHERE batch = 3;
"""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def three_batches(transactional_db: None) -> list[Seal]:
    """Three sealed batches of three acts each, found intact."""
    for _ in range(3):
        some_acts()
        assert seal_now() is not None
    report = verify_audit()
    assert not codes(report), report.problems
    assert (report.seals, report.events, report.unsealed_events) == (3, 9, 0)
    return list(Seal.objects.order_by("batch"))


def test_an_edited_event_is_found() -> None:
    with as_owner() as cursor:
        cursor.execute("UPDATE audit_event SET reason = 'other' WHERE id = (SELECT min(id) + 4 FROM audit_event)")
    report = verify_audit()
    assert codes(report) == {"batch.changed"}
    assert [problem.where[:8] for problem in report.problems if problem.code == "batch.changed"] == ["seal 1.2"]


@pytest.mark.parametrize("column", ["actor_label", "verb", "target_label", "data", "at", "case_id", "xid"])
def test_every_column_of_an_event_is_covered(column: str) -> None:
    value = {"data": "'{\"a\": 1}'", "at": "at + interval '1 microsecond'", "case_id": "7", "xid": "xid - 1"}
    with as_owner() as cursor:
        new = value.get(column, "chr(120)")
        cursor.execute(f"UPDATE audit_event SET {column} = {new} WHERE id = (SELECT max(id) FROM audit_event)")
    assert "batch.changed" in codes(verify_audit())


def test_a_deleted_event_is_found() -> None:
    with as_owner() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE id = (SELECT min(id) FROM audit_event)")
    assert codes(verify_audit()) == {"batch.changed", "event.count"}


def test_an_event_put_into_a_sealed_batch_is_found() -> None:
    with as_owner() as cursor:
        cursor.execute(
            """INSERT INTO audit_event (at, xid, actor_kind, actor_label, verb, target_type, target_label, reason, data)
               SELECT at, xid, actor_kind, actor_label, verb, target_type, target_label, reason, data
               FROM audit_event ORDER BY id LIMIT 1"""
        )
    assert codes(verify_audit()) == {"batch.changed", "event.count"}


def test_an_event_with_an_impossible_transaction_is_found() -> None:
    with as_owner() as cursor:
        cursor.execute(
            """INSERT INTO audit_event
               (id, at, xid, actor_kind, actor_label, verb, target_type, target_label, reason, data)
               VALUES (-5, now(), -1, 'system', 'x', 'x.y', '', '', '', '{}')"""
        )
    assert codes(verify_audit()) == {"rows.outside"}


def test_two_events_that_change_places_are_found() -> None:
    with as_owner() as cursor:
        cursor.execute("SELECT id FROM audit_event ORDER BY id LIMIT 2")
        (one,), (two,) = cursor.fetchall()
        for old, new in ((one, -1), (two, one), (-1, two)):
            cursor.execute("UPDATE audit_event SET id = %s WHERE id = %s", [new, old])
    assert codes(verify_audit()) == {"batch.changed"}


def test_rows_put_back_in_another_order_are_found() -> None:
    with as_owner() as cursor:
        cursor.execute("CREATE TEMP TABLE kept AS SELECT * FROM audit_history")
        cursor.execute("DELETE FROM audit_history")
        cursor.execute(
            """INSERT INTO audit_history (at, xid, table_name, row_id, operation, body, sha256)
               SELECT at, xid, table_name, row_id, operation, body, sha256 FROM kept ORDER BY id DESC"""
        )
    assert "batch.changed" in codes(verify_audit())


def test_an_edited_history_body_is_found_and_named() -> None:
    with as_owner() as cursor:
        cursor.execute(
            """UPDATE audit_history SET body = replace(body, 'Person 1"', 'Person 9"')
               WHERE body LIKE '%Person 1"%' RETURNING id"""
        )
        first = cursor.fetchall()[0][0]
    report = verify_audit()
    assert "history.edited" in codes(report)
    assert any(problem.where == f"history row {first}" for problem in report.problems)


def test_an_edited_history_body_with_its_hash_made_anew_is_found() -> None:
    with as_owner() as cursor:
        cursor.execute("UPDATE audit_history SET body = replace(body, 'Person 1', 'Person 9')")
        cursor.execute("UPDATE audit_history SET sha256 = encode(sha256(convert_to(body, 'UTF8')), 'hex')")
    assert "batch.changed" in codes(verify_audit(current=False))


def test_the_last_seal_cut_off_with_its_rows_is_found() -> None:
    with as_owner() as cursor:
        cursor.execute(CUT_LAST_BATCH)
    assert codes(verify_audit(current=False)) == {"tail.cut"}


def test_a_cut_tail_is_found_by_a_head_kept_elsewhere(three_batches: list[Seal]) -> None:
    heads_path().unlink()
    with as_owner() as cursor:
        cursor.execute(CUT_LAST_BATCH)
    report = verify_audit(heads=[three_batches[2].head], current=False)
    assert codes(report) == {"head.missing"}
    assert report.notices


def test_everything_deleted_is_found() -> None:
    with as_owner() as cursor:
        for table in ("audit_event", "audit_history", "audit_seal"):
            cursor.execute(f"DELETE FROM {table}")
    assert codes(verify_audit(current=False)) == {"tail.cut"}
    assert len(list(published())) == 3


def test_a_seal_taken_out_of_the_middle_is_found() -> None:
    with as_owner() as cursor:
        cursor.execute("DELETE FROM audit_seal WHERE batch = 2")
    assert {"seal.missing", "seal.chain", "seal.gap", "rows.outside", "tail.cut"} == codes(verify_audit())


@pytest.mark.parametrize("column", ["event_count", "to_xid", "sealed_at", "event_floor"])
def test_an_edited_seal_is_found(column: str) -> None:
    value = "sealed_at + interval '1 second'" if column == "sealed_at" else f"{column} + 1"
    with as_owner() as cursor:
        cursor.execute(f"UPDATE audit_seal SET {column} = {value} WHERE batch = 3")
    assert "seal.edited" in codes(verify_audit())


def test_a_seal_signed_by_a_key_of_somebody_else_is_found() -> None:
    with as_owner() as cursor:
        cursor.execute("UPDATE audit_seal SET key_id = repeat('ab', 32) WHERE batch = 3")
    assert {"seal.edited", "seal.key"} <= codes(verify_audit())


def test_a_signature_that_is_not_one_is_found() -> None:
    with as_owner() as cursor:
        cursor.execute("UPDATE audit_seal SET signature = repeat('00', 64) WHERE batch = 1")
        cursor.execute("UPDATE audit_seal SET signature = 'rubbish' WHERE batch = 2")
    found = [problem.where for problem in verify_audit().problems if problem.code == "seal.signature"]
    assert found == ["seal 1.1", "seal 1.2"]


def test_a_row_changed_with_the_triggers_off_is_found() -> None:
    with as_owner() as cursor:
        cursor.execute("UPDATE staff_person SET name = 'Somebody else' WHERE id = (SELECT min(id) FROM staff_person)")
    assert codes(verify_audit()) == {"row.bypassed"}


def test_a_row_removed_or_added_with_the_triggers_off_is_found() -> None:
    with as_owner() as cursor:
        cursor.execute("DELETE FROM staff_person WHERE id = (SELECT min(id) FROM staff_person)")
        cursor.execute("UPDATE staff_person SET id = id + 100000 WHERE id = (SELECT max(id) FROM staff_person)")
    report = verify_audit()
    said = " ".join(problem.message for problem in report.problems)
    assert codes(report) == {"row.bypassed"}
    assert "was removed" in said
    assert "appeared" in said


def test_a_trigger_that_was_left_off_is_found() -> None:
    with as_owner() as cursor:
        cursor.execute(
            """SELECT tgname FROM pg_trigger
               WHERE tgrelid = 'staff_person'::regclass AND tgname LIKE '%history_update%'"""
        )
        name = cursor.fetchone()[0]  # type: ignore[index]
    with as_owner() as cursor:
        cursor.execute("DROP TRIGGER no_truncate ON audit_event")
        cursor.execute(f"DROP TRIGGER {name} ON staff_person")
    report = verify_audit()
    assert codes(report) == {"protection.missing"}
    assert {problem.message.split()[1] for problem in report.problems} >= {name, "no_truncate"}
