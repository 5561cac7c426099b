"""The triggers that keep the record, and whether each is still there and switched on."""

from dataclasses import dataclass

import pgtrigger
from django.db import connection

from enforcement.audit.models import Event, History, Seal


@dataclass(frozen=True, slots=True)
class TrackedTable:
    """A table whose every change is written to history, and the columns that stay out of it."""

    table: str
    hidden: tuple[str, ...]


def tracked_tables() -> list[TrackedTable]:
    """Every table with history triggers, by name."""
    found = {}
    for model, trigger in pgtrigger.registered():
        if trigger.name == "history_insert":
            hidden = str(trigger.func).split("to_jsonb(t) - '{", 1)[1].split("}", 1)[0]
            found[model._meta.db_table] = tuple(name for name in hidden.split(",") if name)
    return [TrackedTable(table, found[table]) for table in sorted(found)]


def missing_protections() -> list[tuple[str, str]]:
    """(table, trigger) of every trigger that should be there and is missing or switched off."""
    wanted = {(model._meta.db_table, trigger.get_pgid(model)) for model, trigger in pgtrigger.registered()}
    wanted |= {(model._meta.db_table, "no_truncate") for model in (Event, History, Seal)}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
               JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'public' AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"""
        )
        there = set(cursor.fetchall())
    return sorted(wanted - there)
