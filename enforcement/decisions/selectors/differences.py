"""What changed between two rounds, from what each froze."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from enforcement.decisions.states import ACTION_KINDS


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of the table: `before` and `after` as shown; `added` and `removed` count what came and went."""

    what: str
    before: str
    after: str
    added: int = 0
    removed: int = 0


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """Lines for targets, findings, action, policy, clauses, evidence, attributions; only those that changed."""
    lines = [
        _sets("Targets", before["targets"], after["targets"], counted=True),
        *_findings(before["findings"], after["findings"]),
        _values("Action", ACTION_KINDS[before["action"]["kind"]], ACTION_KINDS[after["action"]["kind"]]),
        _values("Notice text", _notice(before), _notice(after)),
        _values("Policy", _policy(before), _policy(after)),
        _sets("Clauses", _field(before["clauses"], "number"), _field(after["clauses"], "number")),
        _sets("Evidence", _field(before["evidence"], "item"), _field(after["evidence"], "item"), counted=True),
        _sets("Attributions", _attributions(before), _attributions(after)),
        _values("Approvals needed", str(before["approvals_needed"]), str(after["approvals_needed"])),
    ]
    return [line for line in lines if line is not None]


def _field(rows: Sequence[dict[str, Any]], name: str) -> list[str]:
    return [str(row[name]) for row in rows]


def _notice(snapshot: dict[str, Any]) -> str:
    return f"version {snapshot['action']['notice']['version']}"


def _policy(snapshot: dict[str, Any]) -> str:
    return f"{snapshot['policy']['slug']} {snapshot['policy']['number']}"


def _attributions(snapshot: dict[str, Any]) -> list[str]:
    return [f"{row['organization']}: {row['role']}, {row['confidence']}" for row in snapshot["attributions"]]


def _values(what: str, before: str, after: str) -> Difference | None:
    return None if before == after else Difference(what=what, before=before, after=after)


def _sets(what: str, before: Sequence[str], after: Sequence[str], *, counted: bool = False) -> Difference | None:
    old, new = set(before), set(after)
    if old == new:
        return None
    shown = (f"{len(old):,}", f"{len(new):,}") if counted else (", ".join(sorted(old)), ", ".join(sorted(new)))
    return Difference(
        what=what, before=shown[0] or "none", after=shown[1] or "none", added=len(new - old), removed=len(old - new)
    )


def _findings(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> list[Difference]:
    old = {row["account"]: row["finding"] for row in before}
    new = {row["account"]: row["finding"] for row in after}
    was, now = Counter(old.values()), Counter(new.values())
    lines = []
    for finding in ("violating", "not_violating", "unclear"):
        came = sum(1 for account, value in new.items() if value == finding and old.get(account) != finding)
        went = sum(1 for account, value in old.items() if value == finding and new.get(account) != finding)
        if came or went:
            word = finding.replace("_", " ").capitalize()
            lines.append(
                Difference(what=word, before=f"{was[finding]:,}", after=f"{now[finding]:,}", added=came, removed=went)
            )
    return lines
