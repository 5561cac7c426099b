"""Row history: statement triggers that write every change of a tracked table into `audit_history`.

The functions are made security-definer after each migration (see `hardening`), so the application role can cause
history but never write it. A history row keeps the canonical text of the row as it was, and its SHA-256.
"""

import pgtrigger

_INSERT = """
INSERT INTO audit_history (at, xid, table_name, row_id, operation, body, sha256)
SELECT clock_timestamp(), pg_current_xact_id()::text::bigint, TG_TABLE_NAME, r.id::text, '{operation}', r.body,
       encode(sha256(convert_to(r.body, 'UTF8')), 'hex')
FROM (SELECT id, (to_jsonb(t) - '{{{hidden}}}'::text[])::text AS body FROM {source} t {where}) r
ORDER BY r.id;
RETURN NULL;
"""
_CHANGED = "WHERE NOT EXISTS (SELECT 1 FROM old_rows o WHERE o.id = t.id AND to_jsonb(o) = to_jsonb(t))"


def history(*, hidden: tuple[str, ...] = ()) -> list[pgtrigger.Trigger]:
    """Triggers that record inserts, updates and deletes of a table with an `id`; `hidden` columns stay out."""
    columns = ",".join(hidden)

    def trigger(
        name: str, operation: pgtrigger.Operation, referencing: pgtrigger.Referencing, source: str, where: str = ""
    ) -> pgtrigger.Trigger:
        return pgtrigger.Trigger(
            name=f"history_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=referencing,
            func=_INSERT.format(operation=name[0].upper(), hidden=columns, source=source, where=where),
        )

    return [
        trigger("insert", pgtrigger.Insert, pgtrigger.Referencing(new="new_rows"), "new_rows"),
        trigger(
            "update", pgtrigger.Update, pgtrigger.Referencing(old="old_rows", new="new_rows"), "new_rows", _CHANGED
        ),
        trigger("delete", pgtrigger.Delete, pgtrigger.Referencing(old="old_rows"), "old_rows"),
    ]
