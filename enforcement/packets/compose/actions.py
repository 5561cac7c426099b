"""Sections 12 and 13: what was done to whom, failed targets included; what account holders answered."""

from __future__ import annotations

from scipy.stats import beta

from enforcement.packets.blocks import CASE_RECORD, Block, Column, Paragraph, Row, Section, Table, bold
from enforcement.packets.compose.context import Context, minute, number, plural, share
from enforcement.packets.document import TARGET_STATUSES

MEANINGS = {
    "pending": "Not sent yet.",
    "sent": "Sent; the platform has not confirmed it.",
    "done": "The platform confirmed it.",
    "failed": "The platform refused it or did not answer. It stays open until done or waived.",
    "cancelled": "Dropped before sending, for the reason recorded.",
    "reversing": "Being restored.",
    "reversed": "Restored.",
}
_NOTE_ROWS = 12


def _statuses(ctx: Context) -> Table:
    query = ctx.query("targets")
    whole = query.total("n")
    rows = [
        Row(
            cells=[
                status,
                number(query.count(target_status=status)),
                share(query.count(target_status=status), whole),
                MEANINGS[status],
            ]
        )
        for status in TARGET_STATUSES
        if query.count(target_status=status) or status in ("done", "failed")
    ]
    rows.append(Row(cells=["All", number(whole), share(whole, whole), ""], total=True))
    return Table(
        title=f"Targets by status on {minute(ctx.inputs.cover.facts_as_of)} UTC",
        key="targets",
        evidence_class="summary of records",
        columns=[
            Column("Status", 28),
            Column("Targets", 24, right=True),
            Column("Share", 24, right=True),
            Column("Meaning"),
        ],
        rows=rows,
        sources=ctx.sources("targets", exhibits=ctx.inputs.actions.exhibits),
    )


def _failures(ctx: Context) -> list[Block]:
    query = ctx.query("failures")
    if not query.rows:
        return [Paragraph(runs=["Every target that was sent is done; none failed."], sources=ctx.sources("failures"))]
    rows = [
        Row(cells=[status, note or "no note recorded", number(int(n))]) for status, note, n in query.rows[:_NOTE_ROWS]
    ]
    rest = query.rows[_NOTE_ROWS:]
    if rest:
        rows.append(Row(cells=["others", "in subjects.csv", number(sum(int(r[2]) for r in rest))]))
    return [
        Table(
            title="Targets that are not done, and why",
            key="failures",
            evidence_class="record",
            columns=[
                Column("Status", 28),
                Column("Note of the platform or of the person"),
                Column("Targets", 28, right=True),
            ],
            rows=rows,
            sources=ctx.sources("failures"),
        )
    ]


def _notices(ctx: Context) -> Paragraph:
    notices = ctx.inputs.actions.notices
    if notices is None:
        return Paragraph(runs=[bold("Notices."), " No notice to account holders is recorded."])
    text = (
        f" {plural(notices.sent, 'notice')} {'was' if notices.sent == 1 else 'were'} sent: the platform says that it "
        f"showed them to the account holder. {number(notices.open)} are not sent yet, and {number(notices.waived)} "
        "were waived with a reason."
    )
    return Paragraph(runs=[bold("Notices."), text], sources=(CASE_RECORD, *ctx.inputs.actions.exhibits))


def actions(ctx: Context) -> Section:
    """Targets by status with nothing hidden, and notices."""
    query, record = ctx.query("targets"), ctx.inputs.actions
    if not query.rows:
        text = f"No action had been taken on any account of this case by {minute(ctx.inputs.cover.facts_as_of)} UTC."
        return Section(
            number=12,
            title="Actions and status",
            new_page=False,
            blocks=[Paragraph(runs=[text], sources=ctx.sources("targets"))],
        )
    names = sorted({s.action for s in ctx.inputs.subjects if s.action and s.target_status})
    text = f"The approved action ({', '.join(names)}) fell on {plural(query.total('n'), 'target')}."
    if record.batches and record.connector:
        text += (
            f" It was sent through {record.connector} in {plural(record.batches, 'signed batch', 'signed batches')}."
        )
    if record.started_at is not None:
        text += f" Sending began {minute(record.started_at)} UTC"
        text += f" and the last answer came {minute(record.finished_at)} UTC." if record.finished_at else "."
    text += " Each target keeps a status of its own."
    blocks: list[Block] = [
        Paragraph(runs=[text], sources=(*ctx.sources("targets", exhibits=record.exhibits), CASE_RECORD)),
        _statuses(ctx),
        *_failures(ctx),
        _notices(ctx),
    ]
    return Section(number=12, title="Actions and status", new_page=False, blocks=blocks)


def interval(part: int, whole: int) -> tuple[float, float]:
    """Exact 95% interval of a share (Clopper and Pearson, 1934), both ends 0 to 1."""
    low = float(beta.ppf(0.025, part, whole - part + 1)) if part else 0.0
    high = float(beta.ppf(0.975, part + 1, whole - part)) if part < whole else 1.0
    return low, high


def _outcomes(ctx: Context) -> Table:
    grounds = sorted(ctx.inputs.appeals, key=lambda g: (-g.filed, g.ground))
    rows = [
        Row(cells=[g.ground, *map(number, (g.filed, g.denied, g.granted_in_part, g.granted, g.open))]) for g in grounds
    ]
    sums = [
        sum(getattr(g, name) for g in grounds) for name in ("filed", "denied", "granted_in_part", "granted", "open")
    ]
    rows.append(Row(cells=["All", *map(number, sums)], total=True))
    heads = ("Filed", "Denied", "Granted in part", "Granted", "Open")
    return Table(
        title="Appeals by ground and outcome",
        key="appeals",
        evidence_class="summary of records",
        columns=[Column("Ground given"), *(Column(head, 25, right=True) for head in heads)],
        rows=rows,
        sources=(*ctx.sources("appeals"), CASE_RECORD),
    )


def appeals(ctx: Context) -> Section:
    """Appeals by ground and outcome, with the sentence that they are no error rate."""
    grounds = ctx.inputs.appeals
    if not grounds:
        text = f"No appeal was filed by {minute(ctx.inputs.cover.facts_as_of)} UTC."
        return Section(
            number=13, title="Appeals", new_page=False, blocks=[Paragraph(runs=[text], sources=ctx.sources("appeals"))]
        )
    filed = sum(g.filed for g in grounds)
    granted = sum(g.granted for g in grounds)
    decided = sum(g.granted + g.granted_in_part + g.denied for g in grounds)
    sources = (*ctx.sources("appeals"), CASE_RECORD)
    text = (
        f"{plural(filed, 'appeal')} {'was' if filed == 1 else 'were'} filed by "
        f"{minute(ctx.inputs.cover.facts_as_of)} UTC. Each is decided by someone who had no part in "
        "the decision."
    )
    blocks: list[Block] = [Paragraph(runs=[text], sources=sources), _outcomes(ctx)]
    if decided:
        low, high = interval(granted, decided)
        words = (
            f"{number(granted)} of {number(decided)} decided appeals were granted in full "
            f"({share(granted, decided, 1)}; 95% interval "
            f"{100 * low:.1f}% to {100 * high:.1f}%, exact). "
        )
        blocks.append(
            Paragraph(
                runs=[
                    words,
                    bold("This is not an error rate of the decision:"),
                    " most account holders did not appeal, and those who did chose to.",
                ],
                sources=sources,
            )
        )
    return Section(number=13, title="Appeals", new_page=False, blocks=blocks)
