"""Section 2: the clauses word for word, and the version that was in force."""

from __future__ import annotations

from enforcement.packets.blocks import (
    POLICY_REGISTER,
    Block,
    Column,
    Heading,
    Note,
    Paragraph,
    Quote,
    Row,
    Runs,
    Section,
    Table,
    bold,
    see,
    whole_hash,
)
from enforcement.packets.compose.context import Context, day, number


def _versions(ctx: Context) -> Table:
    rows = []
    for version in ctx.inputs.policy.versions:
        name: Runs | str = [bold(version.version), " (pinned to case)"] if version.pinned else version.version
        until = day(version.in_force_until) if version.in_force_until else "in force"
        rows.append(Row(cells=[name, day(version.in_force_from), until, [whole_hash(version.sha256)]]))
    return Table(
        title="Versions near the conduct period",
        key="versions",
        evidence_class="record",
        columns=[
            Column("Version", 32),
            Column("In force from", 21),
            Column("In force until", 21),
            Column("SHA-256 of the published text"),
        ],
        rows=rows,
        sources=(POLICY_REGISTER, *ctx.inputs.policy.exhibits),
    )


def _applied(ctx: Context) -> Table:
    counts = ctx.query("clauses")
    rows = []
    for clause in ctx.inputs.policy.clauses:
        count = counts.count(clause=clause.ref)
        if count or clause.conduct:
            rows.append(Row(cells=[clause.ref, clause.conduct or clause.title, number(count)]))
    return Table(
        title="What each clause was applied to",
        key="applied",
        evidence_class="opinion",
        columns=[Column("Clause", 22), Column("Conduct found"), Column("Subjects", 26, right=True)],
        rows=rows,
        sources=ctx.sources("clauses", exhibits=[e for c in ctx.inputs.policy.clauses for e in c.exhibits]),
    )


def policy(ctx: Context) -> Section:
    """The pinned version, its neighbours, every clause relied on in full, and how often each was found."""
    pinned = next((v for v in ctx.inputs.policy.versions if v.pinned), None)
    if pinned is None:
        return Section(
            number=2,
            title="Policy version and clauses",
            blocks=[Paragraph(runs=["No policy version is pinned to this case."])],
        )
    cover = ctx.inputs.cover
    whole = pinned.in_force_from <= cover.conduct_from and (
        pinned.in_force_until is None or pinned.in_force_until >= cover.conduct_until
    )
    period = "during the whole conduct period" if whole else "at the date of the conduct relied on"
    end = "not yet replaced" if pinned.in_force_until is None else f"in force until {day(pinned.in_force_until)}"
    sources = (POLICY_REGISTER, *ctx.inputs.policy.exhibits)
    blocks: list[Block] = [
        Paragraph(
            runs=[
                f"The policy in force {period} was ",
                bold(f"{pinned.name}, version {pinned.version}"),
                f", in force from {day(pinned.in_force_from)}, {end}. The case is pinned to this version; ",
                see("versions"),
                " gives the hash of its published text.",
            ],
            sources=sources,
        ),
        _versions(ctx),
        Heading(text="Clauses relied on, quoted in full"),
    ]
    for clause in ctx.inputs.policy.clauses:
        blocks.append(Paragraph(runs=[bold(f"Clause {clause.ref}, {clause.title}.")], sources=sources))
        blocks.append(Quote(text=clause.text, sources=sources))
    blocks.append(_applied(ctx))
    blocks.append(
        Note(runs=["One subject may breach several clauses, so the counts do not add up to the number of subjects."])
    )
    return Section(number=2, title="Policy version and clauses", blocks=blocks)
