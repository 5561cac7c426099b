"""Section 11: what exactly was approved, by whom, and why two people."""

from __future__ import annotations

from enforcement.packets.blocks import (
    CASE_RECORD,
    Block,
    Column,
    Heading,
    Paragraph,
    Row,
    Runs,
    Section,
    Table,
    bold,
    mono,
)
from enforcement.packets.compose.context import Context, listed, number, second
from enforcement.packets.document_records import DecisionRound

_ROUNDS_ACROSS = 2
_CONSEQUENCE = {"not violating": "no action proposed", "unclear": "no action proposed"}


def _other_findings(ctx: Context) -> Block:
    query = ctx.query("reasons")
    if not query.rows:
        return Paragraph(runs=["Every subject was found violating."], sources=ctx.sources("reasons"))
    rows = [
        Row(cells=[finding, reason or "no reason recorded", number(int(n)), _CONSEQUENCE.get(finding, "–")])
        for finding, reason, n in query.rows[:20]
    ]
    rows.append(Row(cells=["All", "", number(query.total("n")), ""], total=True))
    return Table(
        title="Findings other than violating, and why",
        key="reasons",
        evidence_class="opinion",
        columns=[
            Column("Finding", 28),
            Column("Reason"),
            Column("Subjects", 22, right=True),
            Column("Consequence", 38),
        ],
        rows=rows,
        sources=ctx.sources("reasons"),
    )


def _approver(decision: DecisionRound, index: int) -> Runs:
    if index >= len(decision.approvals):
        return ["not reached" if index == 0 else "–"]
    answer = decision.approvals[index]
    return [f"{answer.name}, {answer.role}: ", bold(answer.outcome), f" {second(answer.at)}. {answer.reason}"]


def _halves(digest: str) -> Runs:
    return [mono(digest[:32]), " ", mono(digest[32:])]


def _rounds(rounds: tuple[DecisionRound, ...], start: int) -> Table:
    approvers = max([len(r.approvals) for r in rounds] + [1])
    fields: list[tuple[str, list[Runs | str]]] = [
        ("Proposed action", [r.action for r in rounds]),
        ("Targets frozen", [number(r.targets) for r in rounds]),
        ("Digest of the snapshot", [_halves(r.digest) for r in rounds]),
        ("Proposed by", [f"{r.proposed_by}, {r.proposed_role}, {second(r.submitted_at)}" for r in rounds]),
    ]
    names = ("First approver", "Second approver", "Third approver", "Fourth approver")
    fields += [(name, [_approver(r, i) for r in rounds]) for i, name in enumerate(names[:approvers])]
    fields += [("State", [r.state for r in rounds]), ("Reason given at its end", [r.changed or "–" for r in rounds])]
    return Table(
        title="The decision, round by round" + (" (continued)" if start else ""),
        key=f"rounds-{start}",
        evidence_class="record",
        columns=[Column("Item", 38), *(Column(f"Round {start + i + 1}, {r.ref}") for i, r in enumerate(rounds))],
        rows=[Row(cells=[name, *values]) for name, values in fields],
        sources=(CASE_RECORD,),
    )


def _after(ctx: Context) -> list[Block]:
    decision = ctx.inputs.decision
    blocks: list[Block] = []
    if decision.rules:
        words = " ".join(f"Rule “{rule.name}” asks for {rule.asks}." for rule in decision.rules)
        blocks.append(Paragraph(runs=[bold("Rules that applied."), " " + words], sources=(CASE_RECORD,)))
    proposers = listed(sorted({r.proposed_by for r in decision.rounds}))
    blocks.append(
        Paragraph(
            runs=[
                bold("Separation."),
                (
                    f" The proposer ({proposers}) and whoever set a finding, attribution or assignment in the "
                    "case could not approve; "
                    "the database refuses it. Each approval names the digest of exactly one list. A change to "
                    "targets, findings, exhibits or clauses "
                    "after submission voids the proposal; a target may drop out later, none may be added."
                ),
            ],
            sources=(CASE_RECORD,),
        )
    )
    if decision.people:
        blocks.append(
            Table(
                title="Who did what",
                key="people",
                evidence_class="record",
                columns=[Column("Person", 46), Column("Role", 36), Column("Part in this case")],
                rows=[Row(cells=[p.name, p.role, p.part]) for p in decision.people],
                sources=(CASE_RECORD,),
            )
        )
    return blocks


def findings_and_decision(ctx: Context) -> Section:
    """Findings other than violating with reasons, every round with its digest, rules and people."""
    title = "Findings, decision and approvals"
    opening = (
        "A person set a finding for every subject before submission. The decision rests on the list "
        "as frozen; later changes appear only as "
        "dropped targets and as appeals (Section 13)."
    )
    blocks: list[Block] = [Paragraph(runs=[opening], sources=ctx.sources("findings")), _other_findings(ctx)]
    rounds = ctx.inputs.decision.rounds
    if not rounds:
        blocks.append(Paragraph(runs=["No decision was submitted in this case."]))
        return Section(number=11, title=title, blocks=blocks)
    blocks.append(Heading(text="The decision" if len(rounds) == 1 else "Rounds of the decision"))
    starts = range(0, len(rounds), _ROUNDS_ACROSS)
    blocks += [_rounds(rounds[start : start + _ROUNDS_ACROSS], start) for start in starts]
    blocks += _after(ctx)
    return Section(number=11, title=title, blocks=blocks)
