"""What the application's own role may not do to events, history and seals."""

import pytest
from django.db import DatabaseError, connection, transaction

from enforcement.audit.actors import SYSTEM
from enforcement.audit.models import Event, History
from enforcement.audit.services import record_event
from enforcement.staff.models import Person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("table", ["audit_event", "audit_history", "audit_seal"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_it_changes_and_removes_nothing(table: str, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_it_writes_no_history_itself() -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO audit_history (at, xid, table_name, row_id, operation, body, sha256)
               VALUES (now(), 1, 'cases_case', '1', 'U', '{}', '')"""
        )


def test_it_attaches_no_history_function_to_a_table_of_its_own() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE proname LIKE 'pgtrigger_history_insert%' LIMIT 1")
        name = cursor.fetchone()[0]
        cursor.execute("CREATE TEMP TABLE cases_case (id int)")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""CREATE TRIGGER forge AFTER INSERT ON cases_case REFERENCING NEW TABLE AS new_rows
                FOR EACH STATEMENT EXECUTE FUNCTION {name}()"""
        )


def test_switching_off_pgtrigger_for_a_session_switches_nothing_off() -> None:
    event = record_event(actor=SYSTEM, verb="staff.roles_set")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{audit_event:append_only}', true)")
        cursor.execute("DELETE FROM audit_event WHERE id = %s", [event.pk])


def test_it_backdates_no_event() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO audit_event (at, xid, actor_kind, actor_label, verb, target_type, target_label, reason, data)
               VALUES ('2001-01-01', 3, 'system', 'x', 'x.y', '', '', '', '{}') RETURNING id"""
        )
        event = Event.objects.get(pk=cursor.fetchone()[0])
    assert event.at.year > 2001
    assert event.xid > 3


def test_any_way_of_changing_a_row_leaves_history() -> None:
    person = Person.objects.create(email="one@staff.example", name="One")
    Person.objects.filter(pk=person.pk).update(name="Two")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE staff_person SET name = 'Three' WHERE id = %s", [person.pk])
    row_id = str(person.pk)
    person.delete()
    rows = History.objects.filter(table_name="staff_person", row_id=row_id).order_by("id")
    assert [row.operation for row in rows] == ["I", "U", "U", "D"]
    assert all("password" not in row.body for row in rows)
