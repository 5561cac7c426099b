"""Database guards of the cases stage: a shut case is read-only, blockers block, and who was involved is remembered."""

import pgtrigger


def writable_case(column: str = "case_id", *, frozen_in_review: bool = False) -> list[pgtrigger.Trigger]:
    """Refuse any change of a row whose case is closed or merged.

    And, `frozen_in_review`, while a decision stands on it.

    What a decision froze is changed only after the decision is void, which takes the case back to investigating. Asked
    once a statement, over all its rows: a case has 25,000 subjects.
    """
    held = "('closed', 'merged', 'in_review', 'approved')" if frozen_in_review else "('closed', 'merged')"
    rows = {"ins": "new_rows", "upd": "new_rows", "del": "old_rows"}
    return [
        pgtrigger.Trigger(
            name=f"writable_case_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=referencing,
            declare=[("held", "RECORD")],
            func=f"""
                SELECT k.ref, k.state INTO held FROM cases_case k
                 WHERE k.state IN {held}
                   AND k.id IN (SELECT {column} FROM {rows[name]} {_both(name, column)}) LIMIT 1;
                IF FOUND AND held.state IN ('closed', 'merged') THEN
                    RAISE EXCEPTION 'case % is %: it is read-only', held.ref, held.state USING ERRCODE = 'DS004';
                ELSIF FOUND THEN
                    RAISE EXCEPTION 'case %: % is frozen by its decision', held.ref, TG_TABLE_NAME USING ERRCODE = 'DS002';
                END IF;
                RETURN NULL;
            """,
        )
        for name, operation, referencing in (
            ("ins", pgtrigger.Insert, pgtrigger.Referencing(new="new_rows")),
            ("upd", pgtrigger.Update, pgtrigger.Referencing(old="old_rows", new="new_rows")),
            ("del", pgtrigger.Delete, pgtrigger.Referencing(old="old_rows")),
        )
    ]


def _both(name: str, column: str) -> str:
    """An update asks of the case that a row leaves as well."""
    return f"UNION SELECT {column} FROM old_rows" if name == "upd" else ""


def blockers_block() -> pgtrigger.Trigger:
    """Refuses submitting or closing a case while a blocker for that transition stands."""
    return pgtrigger.Trigger(
        name="blockers_block",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        declare=[("found", "TEXT")],
        func="""
            IF NEW.state IS DISTINCT FROM OLD.state AND NEW.state IN ('in_review', 'closed') THEN
                SELECT string_agg(code, ', ' ORDER BY code) INTO found FROM cases_blocker
                 WHERE case_id = NEW.id
                   AND transition = CASE NEW.state WHEN 'in_review' THEN 'submit' ELSE 'close' END;
                IF found IS NOT NULL THEN
                    RAISE EXCEPTION 'case %: blocked by %', NEW.ref, found USING ERRCODE = 'DS005';
                END IF;
            END IF;
            RETURN NEW;
        """,
    )


def review_ready() -> pgtrigger.Trigger:
    """Refuses review of a case with a subject without finding, a violating one without basis, or a task still open.

    The same as the blocker rows say, counted again: rows that somebody forgot to refresh must not let a case through.
    """
    return pgtrigger.Trigger(
        name="review_ready",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        declare=[("missing", "BIGINT")],
        func="""
            IF NEW.state = 'in_review' AND OLD.state <> 'in_review' THEN
                SELECT count(*) INTO missing FROM cases_subject WHERE case_id = NEW.id AND finding = '';
                IF missing > 0 THEN
                    RAISE EXCEPTION 'case %: % subjects have no finding', NEW.ref, missing USING ERRCODE = 'DS005';
                END IF;
                SELECT count(*) INTO missing FROM cases_subject s
                 WHERE s.case_id = NEW.id AND s.finding = 'violating'
                   AND NOT EXISTS (SELECT 1 FROM cases_findingbasis b WHERE b.subject_id = s.id);
                IF missing > 0 THEN
                    RAISE EXCEPTION 'case %: % violating subjects have no basis', NEW.ref, missing
                    USING ERRCODE = 'DS005';
                END IF;
                IF EXISTS (SELECT 1 FROM cases_task WHERE case_id = NEW.id AND state = 'open') THEN
                    RAISE EXCEPTION 'case %: a task is open', NEW.ref USING ERRCODE = 'DS005';
                END IF;
            END IF;
            RETURN NEW;
        """,
    )


def basis_is_own() -> list[pgtrigger.Trigger]:
    """Refuses a basis of another case, or one that names an alert of another account."""
    return [
        pgtrigger.Trigger(
            name=f"basis_is_own_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=pgtrigger.Referencing(new="new_rows"),
            func="""
                IF EXISTS (
                    SELECT 1 FROM new_rows n
                      JOIN cases_subject s ON s.id = n.subject_id
                      LEFT JOIN alerts_alert a ON a.id = n.alert_id
                     WHERE s.case_id <> n.case_id OR (a.id IS NOT NULL AND a.account_id <> s.account_id)
                ) THEN
                    RAISE EXCEPTION 'basis: the alert must be of the subject''s own account' USING ERRCODE = 'DS003';
                END IF;
                RETURN NULL;
            """,
        )
        for name, operation in (("ins", pgtrigger.Insert), ("upd", pgtrigger.Update))
    ]


def remembers_involvement(column: str, how: str) -> list[pgtrigger.Trigger]:
    """After every insert and update, whoever stands in `column` is involved in the case for good."""
    return [
        pgtrigger.Trigger(
            name=f"involve_{column}_{name}"[:45],
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=pgtrigger.Referencing(new="new_rows"),
            func=f"""
                INSERT INTO cases_involvement (case_id, person_id, how, since)
                SELECT DISTINCT case_id, {column}, '{how}', now() FROM new_rows WHERE {column} IS NOT NULL
                ON CONFLICT DO NOTHING;
                RETURN NULL;
            """,
        )
        for name, operation in (("ins", pgtrigger.Insert), ("upd", pgtrigger.Update))
    ]
