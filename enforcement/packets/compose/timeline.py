"""Section 4: the shape of the conduct, and the issuer's own acts beside it."""

from __future__ import annotations

from enforcement.packets.blocks import CASE_RECORD, Block, Column, Figure, Note, Paragraph, Row, Section, Table, cited
from enforcement.packets.charts import TimelineData, timeline_data
from enforcement.packets.compose.context import Context, number, plural, second

TIMELINE_IMAGE = "timeline.svg"


def chart_data(ctx: Context) -> TimelineData:
    """What Figure 1 draws, from the inputs alone."""
    return timeline_data(ctx.inputs.timeline)


def _opening(ctx: Context, data: TimelineData) -> Paragraph:
    top = max(data.days, key=lambda d: d.exchanges)
    active = max(data.days, key=lambda d: d.accounts_active)
    total = sum(d.exchanges for d in data.days)
    text = (
        f"The subjects drew {number(total)} exchanges on {plural(len(data.days), 'day')}. The highest "
        f"day had {number(top.exchanges)} exchanges, on "
        f"{top.day.isoformat()}; most accounts, {number(active.accounts_active)}, were active on "
        f"{active.day.isoformat()}."
    )
    threshold = ctx.inputs.timeline.threshold
    if threshold is not None:
        above = sum(d.exchanges > threshold for d in data.days)
        text += (
            f" On {plural(above, 'day')} the sum was above {number(threshold)}, the "
            f"{ctx.inputs.timeline.threshold_words or 'threshold'}."
        )
    return Paragraph(runs=[text], sources=ctx.sources("by_day", exhibits=ctx.inputs.timeline.exhibits))


def alternative(data: TimelineData) -> str:
    """The values that a reader would take from Figure 1, in words."""
    top = max(data.days, key=lambda d: d.exchanges)
    active = max(data.days, key=lambda d: d.accounts_active)
    first, last = data.days[0], data.days[-1]
    text = (
        f"Bars: exchanges a day from {first.day} ({number(first.exchanges)}) to {last.day} ({number(last.exchanges)}), "
        f"highest {number(top.exchanges)} on {top.day}. Line: active accounts a day, from "
        f"{number(first.accounts_active)} to "
        f"{number(last.accounts_active)}, highest {number(active.accounts_active)} on {active.day}."
    )
    if data.threshold is not None:
        text += f" A dashed line at {number(data.threshold)} marks {data.threshold_words or 'the threshold'}."
    for group in data.groups:
        text += f" Group {group.label}: {number(group.exchanges)} exchanges."
    for mark in data.marks:
        text += f" Mark {mark.letter} at {mark.day}."
    return text


def _figure(ctx: Context, data: TimelineData) -> Figure:
    cover = ctx.inputs.cover
    return Figure(
        key="timeline",
        title=f"Exchanges and active accounts a day, {cover.conduct_from} to {cover.conduct_until}",
        image=TIMELINE_IMAGE,
        alt=alternative(data),
        sources=ctx.sources("by_day", *(["by_group"] if data.groups else []), exhibits=ctx.inputs.timeline.exhibits),
        evidence_class="summary of records",
    )


def _events(ctx: Context, data: TimelineData) -> list[Block]:
    letters = {(mark.day, mark.text): mark.letter for mark in data.marks}
    rows = [
        Row(cells=[letters.get((e.at.date(), e.text), "–"), second(e.at), e.text, cited(e.exhibits or (CASE_RECORD,))])
        for e in sorted(ctx.inputs.timeline.events, key=lambda e: (e.at, e.text))
    ]
    if not rows:
        return []
    blocks: list[Block] = [
        Table(
            title="Events of the case",
            key="events",
            evidence_class="record",
            columns=[Column("Mark", 12), Column("Time (UTC)", 34), Column("Event"), Column("Source", 30)],
            rows=rows,
            sources=(CASE_RECORD,),
            show_source=False,
        )
    ]
    if len(letters) < len(rows):
        blocks.append(Note(runs=["A dash marks an event outside the days of the figure."]))
    return blocks


def timeline(ctx: Context) -> Section:
    """One figure and the table of marked events."""
    if not ctx.inputs.timeline.days:
        none = Paragraph(runs=["No exchanges by the subjects were metered in the conduct period."])
        return Section(number=4, title="Timeline", blocks=[none])
    data = chart_data(ctx)
    return Section(number=4, title="Timeline", blocks=[_opening(ctx, data), _figure(ctx, data), *_events(ctx, data)])
