"""What a decision froze, as canonical JSON: the same data gives the same bytes, and so the same digest.

Keys sorted, no spaces, UTF-8, every list in a total order; no row id of a table that may be rebuilt, except the
alerts and
items that people see by that number. `cut_off_at` bounds what counts: nothing that arrived later changes the digest.
"""

import hashlib
import json
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection

from enforcement.audit.errors import Refusal
from enforcement.decisions.models import Decision
from enforcement.policies.services import notice_text

FORMAT = "dossier-decision/1"

_FINDINGS = """
SELECT a.platform_id, s.finding, s.finding_reason, s.carved_out,
       coalesce(b.clauses, '[]'::jsonb), coalesce(b.alerts, '[]'::jsonb), coalesce(b.extracts, '[]'::jsonb)
  FROM cases_subject s
  JOIN accounts_account a ON a.id = s.account_id
  LEFT JOIN (SELECT b.subject_id,
                    jsonb_agg(DISTINCT l.number) AS clauses,
                    jsonb_agg(DISTINCT b.alert_id) FILTER (WHERE b.alert_id IS NOT NULL) AS alerts,
                    jsonb_agg(DISTINCT b.extract_id) FILTER (WHERE b.extract_id IS NOT NULL) AS extracts
               FROM cases_findingbasis b JOIN policies_clause l ON l.id = b.clause_id
              WHERE b.case_id = %(case)s GROUP BY b.subject_id) b ON b.subject_id = s.id
 WHERE s.case_id = %(case)s AND s.added_at <= %(cut_off)s
 ORDER BY a.platform_id COLLATE "C"
"""
_TARGETS = """
SELECT a.platform_id FROM decisions_target t JOIN accounts_account a ON a.id = t.account_id
 WHERE t.decision_id = %(decision)s ORDER BY a.platform_id COLLATE "C"
"""
_EVIDENCE = """
SELECT i.id, i.title, b.sha256 FROM evidence_item i JOIN signals_blob b ON b.id = i.blob_id
 WHERE i.case_id = %(case)s AND i.withdrawn_at IS NULL AND i.added_at <= %(cut_off)s ORDER BY i.id
"""
_CLAUSES = """
SELECT DISTINCT l.number, l.text FROM cases_findingbasis b
  JOIN policies_clause l ON l.id = b.clause_id JOIN cases_subject s ON s.id = b.subject_id
 WHERE b.case_id = %(case)s AND s.finding = 'violating' ORDER BY l.number
"""
_ATTRIBUTIONS = """
SELECT o.name, a.role, a.confidence, a.suggested, a.why,
       coalesce((SELECT jsonb_agg(b.item_id ORDER BY b.item_id) FROM evidence_attributionbasis b
                  WHERE b.attribution_id = a.id), '[]'::jsonb)
  FROM cases_attribution a JOIN accounts_organization o ON o.id = a.organization_id
 WHERE a.case_id = %(case)s AND a.withdrawn_at IS NULL AND a.set_at <= %(cut_off)s
 ORDER BY o.name COLLATE "C", a.role, a.id
"""


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spaces, as UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256_of_text(text: str) -> str:
    """SHA-256 (hex) of a text as UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def build_snapshot(decision: Decision) -> bytes:
    """The canonical bytes of all that `decision` freezes, from the rows as they stand up to its cut-off.

    Needs `cut_off_at`, the targets and the approval rules written. Six queries, whatever the number of subjects.
    """
    asked: dict[str, Any] = {"case": decision.case_id, "decision": decision.pk, "cut_off": decision.cut_off_at}
    cut_off = decision.cut_off_at
    if cut_off is None:
        raise Refusal("decision.draft", "A draft froze nothing yet. Submit it first.")
    policy = decision.policy_version
    return canonical(
        {
            "format": FORMAT,
            "case": decision.case.ref,
            "round": decision.round,
            "cut_off_at": cut_off.isoformat(),
            "proposer": decision.proposer.name,
            "summary": decision.summary,
            "action": {"kind": decision.action_kind, "notice": _notice(decision)},
            "policy": {"slug": policy.policy.slug, "number": policy.number, "text_sha256": policy.text_sha256},
            "clauses": [
                {"number": number, "text_sha256": sha256_of_text(text)} for number, text in _rows(_CLAUSES, asked)
            ],
            "approvals_needed": decision.approvals_needed,
            "rules": sorted(decision.rules.values_list("name", flat=True)),
            "targets": [name for (name,) in _rows(_TARGETS, asked)],
            "findings": [_finding(row) for row in _rows(_FINDINGS, asked)],
            "evidence": [
                {"item": item, "title": title, "sha256": digest} for item, title, digest in _rows(_EVIDENCE, asked)
            ],
            "attributions": [_attribution(row) for row in _rows(_ATTRIBUTIONS, asked)],
        }
    )


def _notice(decision: Decision) -> dict[str, object]:
    """Which text holders will be told; the newest for the kind of action when it was frozen, that one ever after."""
    if decision.snapshot is not None:
        kept: dict[str, object] = read_snapshot(decision)["action"]["notice"]
        return kept
    text = notice_text(action_kind=decision.action_kind)
    return {"version": text.version, "sha256": sha256_of_text(f"{text.subject}\n\n{text.body}")}


def _finding(row: tuple[Any, ...]) -> dict[str, object]:
    account, finding, reason, carved_out, clauses, alerts, extracts = row
    return {
        "account": account, "finding": finding, "reason": reason, "carved_out": carved_out,
        "clauses": sorted(_list(clauses)), "alerts": sorted(_list(alerts)), "extracts": sorted(_list(extracts)),
    }  # fmt: skip


def _attribution(row: tuple[Any, ...]) -> dict[str, object]:
    organization, role, confidence, suggested, why, items = row
    return {
        "organization": organization, "role": role, "confidence": confidence, "suggested": suggested, "why": why,
        "items": _list(items),
    }  # fmt: skip


def _list(value: Any) -> list[Any]:
    """Raw cursors give jsonb as text."""
    return list(json.loads(value) if isinstance(value, str) else value)


def _rows(sql: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def snapshot_bytes(decision: Decision) -> bytes:
    """The stored bytes. Raises `Refusal` for a draft, and when the storage lost them."""
    if decision.snapshot is None:
        raise Refusal("decision.draft", "A draft froze nothing yet. Submit it first.")
    try:
        with default_storage.open(decision.snapshot.path) as stream:
            return bytes(stream.read())
    except FileNotFoundError:
        raise Refusal(
            "decision.snapshot_lost", "The storage has lost the frozen list. Restore it from a backup."
        ) from None


def read_snapshot(decision: Decision) -> dict[str, Any]:
    """What was frozen, as stored. Raises `Refusal` when the bytes no longer hash to the digest."""
    body = snapshot_bytes(decision)
    if decision.digest and hashlib.sha256(body).hexdigest() != decision.digest:
        raise Refusal(
            "decision.snapshot_changed", "The stored list does not have the digest that was approved. Void it."
        )
    found: dict[str, Any] = json.loads(body)
    return found


def recompute_digest(decision: Decision) -> tuple[str, bool]:
    """The digest of the rows as they stand now, and whether it is the one that was frozen."""
    digest = hashlib.sha256(build_snapshot(decision)).hexdigest()
    return digest, digest == decision.digest
