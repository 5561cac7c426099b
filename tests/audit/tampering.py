"""Acting as the owner of the database, who can switch every trigger off: what the seal must notice all the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from enforcement.audit.actors import SYSTEM
from enforcement.audit.models import Event
from enforcement.audit.services import record_event
from enforcement.audit.verification import Report
from enforcement.staff.models import Person

TABLES = ("audit_event", "audit_history", "audit_seal", "staff_person")


@contextmanager
def as_owner() -> Iterator[psycopg.Cursor]:
    """A cursor of the owner with the triggers of the record switched off, and on again afterwards."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection, connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def some_acts(count: int = 3) -> list[Event]:
    """Events, each in a transaction of its own that also leaves history rows."""
    events = []
    for number in range(count):
        serial = Person.objects.count() + 1
        Person.objects.create(email=f"person{serial}@staff.example", name=f"Person {serial}")
        events.append(record_event(actor=SYSTEM, verb="staff.person_created", reason=f"act {number}"))
    return events


def codes(report: Report) -> set[str]:
    """The codes of what was found, in the tables that these tests tamper with."""
    return {
        problem.code for problem in report.problems if problem.code != "protection.missing" or problem.where in TABLES
    }
