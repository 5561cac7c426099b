"""Database guards of the evidence stage."""

import pgtrigger

# Numbering for a packet and re-checking bytes go on in a closed case: neither changes what was preserved.
_ALLOWED = "ARRAY['exhibit_number', 'verified_at']"


def writable_item() -> pgtrigger.Trigger:
    """Refuses a change of an item whose case is shut, and taking one back that a standing decision froze.

    Which items a decision froze is asked of its rows when the trigger fires: they are of a later stage.
    """
    return pgtrigger.Trigger(
        name="writable_item",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("held", "TEXT"), ("ref_held", "TEXT")],
        func=f"""
            IF TG_OP = 'UPDATE' THEN
                IF to_jsonb(OLD) - {_ALLOWED} = to_jsonb(NEW) - {_ALLOWED} THEN RETURN NEW; END IF;
            END IF;
            SELECT state, ref INTO held, ref_held FROM cases_case
             WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.case_id ELSE NEW.case_id END;
            IF held IN ('closed', 'merged') THEN
                RAISE EXCEPTION 'case % is %: it is read-only', ref_held, held USING ERRCODE = 'DS004';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            IF TG_OP = 'UPDATE' AND held IN ('in_review', 'approved') THEN
                IF OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at AND EXISTS (
                    SELECT 1 FROM decisions_decision d WHERE d.case_id = NEW.case_id
                       AND d.state IN ('submitted', 'approved') AND d.cut_off_at >= NEW.added_at
                ) THEN
                    RAISE EXCEPTION 'case %: its evidence is frozen by its decision', ref_held USING ERRCODE = 'DS002';
                END IF;
            END IF;
            RETURN NEW;
        """,
    )


# Checked when the transaction commits, because the basis is written after the attribution it belongs to.
ATTRIBUTION_RESTS_ON_EXHIBITS = """
CREATE FUNCTION evidence_attribution_basis() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM cases_attribution a
         WHERE a.case_id = NEW.case_id AND a.confidence IN ('moderate', 'high') AND a.withdrawn_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM evidence_attributionbasis b JOIN evidence_item i ON i.id = b.item_id
                            WHERE b.attribution_id = a.id AND i.case_id = a.case_id AND i.withdrawn_at IS NULL)
    ) THEN
        RAISE EXCEPTION 'attribution: moderate or high confidence needs an exhibit it rests on' USING ERRCODE = 'DS003';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER attribution_rests_on_exhibits AFTER INSERT OR UPDATE ON cases_attribution
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.withdrawn_at IS NULL AND NEW.confidence IN ('moderate', 'high'))
    EXECUTE FUNCTION evidence_attribution_basis();
CREATE CONSTRAINT TRIGGER attribution_keeps_exhibits AFTER UPDATE ON evidence_item
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.withdrawn_at IS NOT NULL)
    EXECUTE FUNCTION evidence_attribution_basis();
"""
ATTRIBUTION_RESTS_ON_EXHIBITS_BACK = """
DROP TRIGGER attribution_keeps_exhibits ON evidence_item;
DROP TRIGGER attribution_rests_on_exhibits ON cases_attribution;
DROP FUNCTION evidence_attribution_basis();
"""
