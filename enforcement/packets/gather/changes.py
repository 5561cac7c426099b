"""What changed since the version before, in counts of rows that both froze."""

from dataclasses import replace

from enforcement.packets.document import FINDINGS
from enforcement.packets.document_records import PacketInputs


def with_changes(inputs: PacketInputs, *, before: PacketInputs | None) -> PacketInputs:
    """`inputs` with the list of changes on its second page; as they are for a first version."""
    if inputs.cover.version == 1:
        return inputs
    told: tuple[str, ...]
    if before is None:
        told = ("The version before cannot be read; no list of changes was made.",)
    else:
        told = _differences(before, inputs) or (
            "Nothing that this list counts changed; the facts are of a later time.",
        )
    return replace(inputs, cover=replace(inputs.cover, changes=told))


def _differences(before: PacketInputs, now: PacketInputs) -> tuple[str, ...]:
    pairs: list[tuple[str, int | str, int | str]] = [
        ("State of the case", before.cover.case_state, now.cover.case_state),
        ("Subjects", len(before.subjects), len(now.subjects)),
        *((f"Subjects found {name}", _found(before, name), _found(now, name)) for name in FINDINGS),
        ("Targets done", _done(before), _done(now)),
        ("Exchanges", _exchanges(before), _exchanges(now)),
        ("Rounds of the decision", len(before.decision.rounds), len(now.decision.rounds)),
        ("Attributions", len(before.attributions), len(now.attributions)),
    ]
    told = [f"{name}: {_said(was)} before, {_said(new)} now." for name, was, new in pairs if was != new]
    old, new = {e.number for e in before.exhibits}, {e.number for e in now.exhibits}
    told += [f"{number} was added." for number in sorted(new - old)]
    told += [f"{number} was withdrawn." for number in sorted(old - new)]
    return tuple(told)


def _said(value: int | str) -> str:
    return f"{value:,}" if isinstance(value, int) else value


def _found(inputs: PacketInputs, finding: str) -> int:
    return sum(subject.finding == finding for subject in inputs.subjects)


def _done(inputs: PacketInputs) -> int:
    return sum(subject.target_status == "done" for subject in inputs.subjects)


def _exchanges(inputs: PacketInputs) -> int:
    return sum(subject.exchanges for subject in inputs.subjects)
