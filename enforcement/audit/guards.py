"""Triggers that make a table or a column unchangeable, for every role."""

import pgtrigger


def append_only() -> pgtrigger.Trigger:
    """Refuses UPDATE and DELETE. TRUNCATE is refused by a raw trigger made with the other grants (see hardening)."""
    return pgtrigger.Trigger(
        name="append_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'DS002';",
    )


def frozen(*columns: str, after: str = "") -> pgtrigger.Trigger:
    """Refuses a change of `columns`, once the SQL condition `after` on OLD holds (always, when empty)."""
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    condition = f"({after}) AND ({changed})" if after else changed
    return pgtrigger.Trigger(
        name=f"frozen_{columns[0]}"[:40],
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF {condition} THEN
                RAISE EXCEPTION '%: % cannot change any more', TG_TABLE_NAME, '{", ".join(columns)}'
                USING ERRCODE = 'DS002';
            END IF;
            RETURN NEW;
        """,
    )


def stamped(at: str, xid: str) -> pgtrigger.Trigger:
    """Writes the database's clock and transaction into two columns of a new row, so that nobody backdates one."""
    return pgtrigger.Trigger(
        name="stamped",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            NEW.{at} := clock_timestamp();
            NEW.{xid} := pg_current_xact_id()::text::bigint;
            RETURN NEW;
        """,
    )


def rule(
    name: str, *, when_insert: bool = True, when_update: bool = True, declare: str = "", check: str
) -> pgtrigger.Trigger:
    """A BEFORE row trigger with plpgsql `check`, which may RAISE with ERRCODE 'DS003'; returns NEW afterwards."""
    operation: pgtrigger.Operation = pgtrigger.Insert | pgtrigger.Update
    if not when_update:
        operation = pgtrigger.Insert
    if not when_insert:
        operation = pgtrigger.Update
    return pgtrigger.Trigger(
        name=name, when=pgtrigger.Before, operation=operation, func=f"{declare}{check} RETURN NEW;"
    )
