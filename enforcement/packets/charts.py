"""The timeline as one Altair specification, rendered to SVG for light pages, dark pages and print.

Pure: plain data in, SVG text out. The same specification serves page and packet; a theme changes colours and
fonts alone. The picture is deterministic for the same data, theme and version of vl-convert.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode

from enforcement.packets.document import Timeline
from enforcement.packets.visible import visible

Theme = Literal["light", "dark", "print"]

WIDTH_PIXELS = 470
_PLOT_WIDTH = 335
_MOST_GROUPS = 6


@dataclass(frozen=True, slots=True)
class DayPoint:
    """Sums over all groups on one UTC day."""

    day: date
    exchanges: int
    accounts_active: int


@dataclass(frozen=True, slots=True)
class EventMark:
    """A letter over a day; `text` is the event."""

    letter: str
    day: date
    text: str


@dataclass(frozen=True, slots=True)
class GroupDays:
    """One group: its sum, and its exchanges by day."""

    label: str
    exchanges: int
    days: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class TimelineData:
    """What the chart draws. `threshold` is in exchanges a day; `groups_in_all` counts groups not drawn too."""

    days: tuple[DayPoint, ...]
    groups: tuple[GroupDays, ...]
    marks: tuple[EventMark, ...]
    threshold: int | None
    threshold_words: str
    groups_in_all: int = 0


@dataclass(frozen=True, slots=True)
class Colours:
    """What a theme changes."""

    accent: str
    ink: str
    grey: str
    hair: str
    paper: str
    font: str


THEMES: dict[str, Colours] = {
    "print": Colours("#17456B", "#1A1A1A", "#595959", "#C9C9C9", "#FFFFFF", "Libertinus Serif"),
    "light": Colours("#17456B", "#16191D", "#5B636D", "#D5D9DE", "#FFFFFF", "system-ui, sans-serif"),
    "dark": Colours("#7FB2DC", "#E8EAED", "#A3ABB5", "#3A424C", "#14181D", "system-ui, sans-serif"),
}


def timeline_data(timeline: Timeline) -> TimelineData:
    """Sum the daily rows by day and by group, and letter the events that fall on a day of the chart."""
    by_day: dict[date, list[int]] = {}
    by_group: dict[str, dict[date, int]] = {}
    for row in timeline.days:
        sums = by_day.setdefault(row.day, [0, 0])
        sums[0] += row.exchanges
        sums[1] += row.accounts_active
        group = by_group.setdefault(row.group, {})
        group[row.day] = group.get(row.day, 0) + row.exchanges
    days = tuple(DayPoint(day, *by_day[day]) for day in sorted(by_day))
    groups: list[GroupDays] = []
    if len(by_group) > 1:
        groups = [
            GroupDays(label or "no group seen", sum(values.values()), tuple(sorted(values.items())))
            for label, values in by_group.items()
        ]
        groups.sort(key=lambda g: (-g.exchanges, g.label))
    inside = [e for e in sorted(timeline.events, key=lambda e: (e.at, e.text)) if e.at.date() in by_day]
    marks = tuple(EventMark(chr(ord("a") + i), e.at.date(), e.text) for i, e in enumerate(inside[:26]))
    return TimelineData(
        days, tuple(groups[:_MOST_GROUPS]), marks, timeline.threshold, timeline.threshold_words, len(groups)
    )


def _values(rows: list[dict[str, Any]]) -> alt.Data:
    return alt.Data(values=rows)


def _x(days: tuple[DayPoint, ...], *, labels: bool) -> alt.X:
    names = [point.day.isoformat() for point in days]
    step = max(1, round(len(names) / 6))
    axis = alt.Axis(
        values=names[::step],
        labels=labels,
        ticks=labels,
        title=None,
        labelAngle=0,
        domain=False,
        labelExpr="slice(datum.value, 5)",
        labelOverlap=False,
    )
    return alt.X("day:O", axis=axis, scale=alt.Scale(domain=names, paddingInner=0.25))


def _bars(data: TimelineData, colours: Colours, *, labels: bool) -> alt.LayerChart | alt.FacetChart:
    rows: list[dict[str, Any]] = [{"day": p.day.isoformat(), "exchanges": p.exchanges} for p in data.days]
    top = max(rows, key=lambda row: row["exchanges"])
    highest = max(int(top["exchanges"]), data.threshold or 0, 1)
    y = alt.Y(
        "exchanges:Q",
        title=None,
        scale=alt.Scale(domain=[0, highest * 1.04], nice=False),
        axis=alt.Axis(tickCount=4, format=",d", domain=False, ticks=False),
    )
    layers: list[alt.Chart] = [
        alt.Chart(_values(rows)).mark_bar(color=colours.accent).encode(x=_x(data.days, labels=labels), y=y),
        _side_text([f"highest {top['exchanges']:,}", f"on {top['day']}"], int(top["exchanges"]), colours),
    ]
    if data.threshold is not None:
        line = alt.Chart(_values([{"exchanges": data.threshold}]))
        # A pale line under the dashes, so that they can be read on dark bars.
        layers.append(line.mark_rule(color=colours.paper, strokeWidth=2.4).encode(y="exchanges:Q"))
        layers.append(line.mark_rule(color=colours.ink, strokeDash=[4, 3]).encode(y="exchanges:Q"))
        layers.append(_side_text([f"{data.threshold:,}:", *_wrapped(data.threshold_words)], data.threshold, colours))
    return alt.layer(*layers, *_flags(data, colours)).properties(
        width=_PLOT_WIDTH, height=108, title=_title("Exchanges a day", colours)
    )


def _wrapped(words: str, width: int = 24) -> list[str]:
    lines: list[str] = []
    for word in visible(words or "threshold").split():
        if lines and len(lines[-1]) + len(word) < width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines[:3]


def _side_text(lines: list[str], at: int, colours: Colours) -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart(_values([{"exchanges": at, "words": lines}]))
        .mark_text(align="left", baseline="top", fontSize=7.8, color=colours.ink, lineHeight=9.5, dy=-3)
        .encode(x=alt.value(_PLOT_WIDTH + 7), y="exchanges:Q", text="words:N")
    )
    return chart


def _flags(data: TimelineData, colours: Colours) -> list[alt.Chart]:
    if not data.marks:
        return []
    seen: dict[date, list[str]] = {}
    for mark in data.marks:
        seen.setdefault(mark.day, []).append(mark.letter)
    rows: list[dict[str, Any]] = [
        {"day": day.isoformat(), "letters": ", ".join(letters)} for day, letters in seen.items()
    ]
    base = alt.Chart(_values(rows)).encode(x="day:O")
    top = alt.value(-6)
    return [
        base.mark_rule(color=colours.ink, strokeWidth=0.8).encode(y=alt.value(-6), y2=alt.value(4)),
        base.mark_text(fontSize=8.4, fontWeight=600, color=colours.ink, baseline="bottom", dy=-1).encode(
            y=top, text="letters:N"
        ),
    ]


def _line(data: TimelineData, colours: Colours) -> alt.LayerChart | alt.FacetChart:
    rows: list[dict[str, Any]] = [{"day": p.day.isoformat(), "exchanges": p.accounts_active} for p in data.days]
    top = max(rows, key=lambda row: row["exchanges"])
    y = alt.Y(
        "exchanges:Q",
        title=None,
        scale=alt.Scale(domain=[0, max(int(top["exchanges"]), 1) * 1.08], nice=False),
        axis=alt.Axis(tickCount=3, format=",d", domain=False, ticks=False),
    )
    line = (
        alt.Chart(_values(rows))
        .mark_line(color=colours.accent, strokeWidth=1.4)
        .encode(x=_x(data.days, labels=not data.groups), y=y)
    )
    dot = (
        alt.Chart(_values([top]))
        .mark_point(filled=True, size=22, color=colours.accent, opacity=1)
        .encode(x="day:O", y="exchanges:Q")
    )
    words = _side_text([f"highest {top['exchanges']:,}", f"on {top['day']}"], int(top["exchanges"]), colours)
    return alt.layer(line, dot, words).properties(
        width=_PLOT_WIDTH, height=44, title=_title("Active accounts a day", colours)
    )


def _group(
    data: TimelineData, group: GroupDays, colours: Colours, highest: int, *, last: bool
) -> alt.LayerChart | alt.FacetChart:
    rows: list[dict[str, Any]] = [{"day": day.isoformat(), "exchanges": count} for day, count in group.days]
    y = alt.Y("exchanges:Q", axis=None, scale=alt.Scale(domain=[0, highest], nice=False))
    bars = alt.Chart(_values(rows)).mark_bar(color=colours.grey).encode(x=_x(data.days, labels=last), y=y)
    label = _side_text([visible(group.label), f"{group.exchanges:,}"], highest, colours)
    first = group is data.groups[0]
    chart = alt.layer(bars, label).properties(width=_PLOT_WIDTH, height=14)
    words = "Exchanges a day by group, one scale"
    words += (
        f": the {len(data.groups)} largest of {data.groups_in_all}" if data.groups_in_all > len(data.groups) else ""
    )
    return chart.properties(title=_title(words, colours)) if first else chart


def _title(text: str, colours: Colours) -> alt.TitleParams:
    return alt.TitleParams(
        text=text, anchor="start", frame="group", fontSize=8.4, fontWeight=600, color=colours.ink, offset=14, dx=-48
    )


def timeline_chart(data: TimelineData, *, theme: Theme = "print") -> alt.VConcatChart:
    """The one specification of the timeline; `theme` picks colours and font."""
    colours = THEMES[theme]
    parts: list[Any] = [_bars(data, colours, labels=True), _line(data, colours)]
    if data.groups:
        highest = max(count for group in data.groups for _, count in group.days)
        parts += [_group(data, g, colours, highest, last=g is data.groups[-1]) for g in data.groups]
    chart = alt.vconcat(*parts, spacing=9)
    configured: alt.VConcatChart = (
        chart.configure(font=colours.font, background="transparent")
        .configure_axis(
            labelFontSize=7.4, labelColor=colours.grey, gridColor=colours.hair, gridWidth=0.5, tickColor=colours.grey
        )
        .configure_view(stroke=None)
    )
    return configured


@cache
def _schema() -> str:
    """The Vega-Lite version that this Altair writes, as vl-convert names it (`v6_1` for 6.1.0)."""
    major, minor, *_ = alt.SCHEMA_VERSION.removeprefix("v").split(".")
    return f"v{major}_{minor}"


def timeline_svg(data: TimelineData, *, theme: Theme = "print") -> str:
    """Render the timeline. The specification is checked by its renderer alone: Altair's own check takes longer."""
    with debug_mode(False):
        specification = timeline_chart(data, theme=theme).to_dict()
    return str(vl_convert.vegalite_to_svg(specification, vl_version=_schema()))
