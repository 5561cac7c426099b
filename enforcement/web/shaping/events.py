"""Events as people read them: a sentence, a shape, and which rows each changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from enforcement.audit.models import Event
from enforcement.cases.selectors import RowsChanged
from enforcement.web.templatetags.states import look_of

# verb -> (sentence, glyph, tone); {name} is a figure of the event's data, {target} what it was done to.
WORDS: dict[str, tuple[str, str, str]] = {
    "cases.opened": ("Case opened", "full", "observed"),
    "cases.moved": ("Moved from {from_words} to {to_words}", "up", ""),
    "cases.closed": ("Case closed: {outcome_words}", "sq", ""),
    "cases.reopened": ("Case reopened", "undo", "warn"),
    "cases.assigned": ("{person} assigned", "full", ""),
    "cases.unassigned": ("{person} taken off the case", "slash", ""),
    "cases.findings_set": ("{changed} findings set to {finding_words}", "tick", ""),
    "cases.policy_pinned": ("{policy_version} pinned", "full", ""),
    "cases.note_added": ("Note written", "pen", ""),
    "cases.task_added": ("Task added: {target}", "ring", ""),
    "cases.task_ended": ("Task {state}: {target}", "tick", ""),
    "cases.arrivals_taken_in": ("{subjects} further subjects and {alerts} alerts taken in", "up", ""),
    "cases.attribution_suggested": ("{organization} suggested at low confidence, by rule", "conf1", ""),
    "cases.attribution_established": (
        "{organization} established as {role_words}, {confidence} confidence",
        "conf3",
        "",
    ),
    "cases.attribution_withdrawn": ("Attribution of {organization} withdrawn", "slash", ""),
    "evidence.item_added": ("Evidence {target} added: {title}", "full", "ok"),
    "evidence.item_read": ("Evidence {target} read", "eye", ""),
    "evidence.item_rechecked": ("Evidence {target} hashed again: {match_words}", "tick", ""),
    "evidence.item_withdrawn": ("Evidence {target} withdrawn", "slash", "warn"),
    "evidence.extract_relied_on": ("Findings of {subjects} subjects may rest on {target}", "full", ""),
    "decisions.submitted": (
        "Round {round} submitted: {targets} targets frozen, digest {short_digest}",
        "eye",
        "observed",
    ),
    "decisions.approval_given": ("Approval given for digest {short_digest}; more are needed", "tick", "ok"),
    "decisions.approved": ("Approved: {targets} targets, digest {short_digest}", "tick", "ok"),
    "decisions.returned": ("Round {round} returned", "undo", "warn"),
    "decisions.refused": ("Round {round} refused", "cross", "danger"),
    "decisions.withdrawn": ("Round {round} withdrawn", "slash", ""),
    "decisions.voided": ("Round {round} void", "tri", "warn"),
    "decisions.expired": ("Round {round} expired", "pause", "warn"),
    "decisions.target_dropped": ("{count} targets dropped", "slash", "warn"),
    "actions.started": ("Action started: {targets} targets", "play", "observed"),
    "actions.delivered": ("A batch delivered to the platform", "send", ""),
    "actions.finished": ("Action ended", "tick", "ok"),
    "actions.retried": ("Action goes on", "undo", ""),
    "actions.paused": ("Action paused", "pause", "warn"),
    "actions.stopped": ("Action stopped, {cancelled} targets cancelled", "slash", "danger"),
    "actions.notices_waived": ("{count} notices waived", "slash", ""),
    "actions.connector_set": ("Connector {target} set", "full", ""),
    "packets.requested": ("Packet {target} requested, TLP:{tlp}", "ring", ""),
    "packets.built": ("Packet {target} built and signed, {pages} pages", "tick", "ok"),
    "packets.downloaded": ("Packet {target} downloaded", "eye", ""),
    "policies.version_published": ("{target} published", "full", ""),
    "signals.detector_registered": ("Detector {target} registered", "full", ""),
    "signals.token_issued": ("Token issued to {target}", "full", ""),
    "signals.token_revoked": ("Token of {target} revoked", "slash", "warn"),
    "ingest.import_received": ("File received as {target}", "ring", ""),
    "ingest.import_folded": ("{target} folded into alerts and sightings", "tick", "ok"),
    "ingest.import_failed": ("{target} failed", "cross", "danger"),
    "ingest.signal_folded": ("One signal posted and folded", "tick", ""),
    "accounts.reference_imported": ("Reference counts imported", "full", ""),
    "accounts.directory_imported": ("Accounts or organizations imported from the warehouse", "full", ""),
    "accounts.link_requested": ("Linking asked for: {target}", "ring", ""),
    "accounts.members_exported": ("Members of {target} exported", "send", ""),
    "alerts.signals_read": ("Signals of {target} read", "eye", ""),
    "accounts.linked": ("Accounts linked by {target}", "tick", "ok"),
    "alerts.triaged": ("Verdict set on {target}", "tick", ""),
    "staff.person_created": ("{target} added to the staff", "full", ""),
    "staff.roles_set": ("Roles of {target} set", "full", ""),
    "staff.person_deactivated": ("{target} signed out for good", "slash", "warn"),
    "audit.sealed": ("Events and history sealed", "tick", "ok"),
}
# table -> what a row of it is called
TABLES = {
    "cases_case": "case", "cases_subject": "subject", "cases_findingbasis": "basis of a finding",
    "cases_attribution": "attribution", "cases_note": "note", "cases_task": "task", "cases_assignment": "assignment",
    "cases_casealert": "grouped alert", "cases_casecluster": "cluster of the case", "evidence_item": "evidence item",
    "evidence_custodyevent": "custody entry", "evidence_attributionbasis": "exhibit of an attribution",
    "evidence_extract": "extract", "decisions_decision": "decision", "decisions_target": "target",
    "decisions_approval": "approval", "actions_action": "action", "actions_actiontarget": "target of the action",
    "actions_delivery": "batch", "actions_notice": "notice", "packets_packet": "packet", "alerts_alert": "alert",
}  # fmt: skip
OPERATIONS = {"I": "added", "U": "changed", "D": "removed"}


@dataclass(frozen=True)
class Told:
    """One event: what was done in words, by whom, what was said, and the rows it changed."""

    event: Event
    text: str
    glyph: str
    tone: str
    said: str
    rows: tuple[str, ...] = ()


class _Known(dict[str, Any]):
    """Figures of an event; one that is missing leaves its place empty."""

    def __missing__(self, key: str) -> str:
        return ""


def _figures(event: Event) -> _Known:
    data: Mapping[str, Any] = event.data if isinstance(event.data, dict) else {}
    known = _Known({key: f"{value:,}" if isinstance(value, int) else value for key, value in data.items()})
    known["target"] = event.target_label
    known["short_digest"] = str(data.get("digest", ""))[:8]
    known["from_words"] = look_of("case", data.get("from", "")).word.lower() if event.verb.startswith("cases.") else ""
    known["to_words"] = look_of("case", data.get("to", "")).word.lower() if event.verb.startswith("cases.") else ""
    known["finding_words"] = str(data.get("finding", "")).replace("_", " ")
    known["role_words"] = str(data.get("role", "")).replace("_", " ")
    known["outcome_words"] = str(data.get("outcome", "")).replace("_", " ")
    known["match_words"] = "match" if data.get("match") else "MISMATCH"
    return known


def told(event: Event) -> Told:
    """An event in words; one that nobody wrote words for shows its verb."""
    sentence, glyph, tone = WORDS.get(event.verb, ("", "full", ""))
    text = sentence.format_map(_figures(event)) if sentence else _plain(event)
    if event.verb == "cases.findings_set" and event.data.get("left"):
        text += f"; {event.data['left']:,} left, without conduct of their own"
    if text.startswith("1 findings"):
        text = text.replace("1 findings", "1 finding", 1)
    said = event.reason if event.reason and event.reason != text else ""
    text = text[:1].upper() + text[1:]
    return Told(event=event, text=text, glyph=glyph, tone=tone, said=said)


def _plain(event: Event) -> str:
    stage, _, act = event.verb.partition(".")
    words = f"{stage.capitalize()}: {act.replace('_', ' ')}"
    return f"{words}, {event.target_label}" if event.target_label else words


def feed_of(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Rows for the feed component; why a case was opened stands on its overview and is not said twice."""
    return [
        {"at": row.event.at, "text": row.text, "by": row.event.actor_label,
         "said": "" if row.event.verb == "cases.opened" else row.said, "glyph": row.glyph,
         "tone": row.tone}
        for row in map(told, events)
    ]  # fmt: skip


def history_of(events: Sequence[Event], changed: Mapping[int, Sequence[RowsChanged]]) -> list[Told]:
    """Events with the rows that each one's transaction wrote, in words; rows stand at the last event of a transaction."""
    found, seen = [], set()
    for event in events:
        row = told(event)
        rows: tuple[str, ...] = ()
        if event.xid not in seen:
            seen.add(event.xid)
            rows = tuple(rows_words(one) for one in changed.get(event.xid, ()))
        found.append(Told(row.event, row.text, row.glyph, row.tone, row.said, rows))
    return found


def rows_words(row: RowsChanged) -> str:
    """171 rows of subject changed."""
    name = TABLES.get(row.table, row.table.replace("_", " "))
    act = OPERATIONS.get(row.operation, row.operation)
    return f"{name} {act}" if row.count == 1 else f"{row.count:,} × {name} {act}"
