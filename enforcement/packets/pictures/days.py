"""The timeline: amounts a day as bars from zero, a threshold with its rule's name, marks above days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from enforcement.packets.pictures.models import DayLine, DayMark, Threshold
from enforcement.packets.pictures.svg import Svg, count_words, day_words, node, picture, short_number, text

WIDTH = 700.0
_LEFT, _SIDE = 6.0, 114.0  # _SIDE: room at the right for labels
_HEAD, _PLOT, _LINE_PLOT, _FOOT = 34.0, 128.0, 56.0, 20.0
_TICK_DAYS = 7


@dataclass(frozen=True)
class _Frame:
    """The plot: its right edge, the width of a day, the baseline of the bars and the value at the top."""

    right: float
    step: float
    floor: float
    ceiling: float

    def at(self, place: float) -> float:
        return _LEFT + place * self.step

    def height(self, value: float) -> float:
        return _PLOT * value / self.ceiling


def _describe(
    days: Sequence[date], values: Sequence[float], unit: str, threshold: Threshold | None, marks: Sequence[DayMark]
) -> str:
    if not values or max(values) <= 0:
        return f"No {unit} on any of these days."
    top = max(range(len(values)), key=lambda place: values[place])
    span = f"{unit.capitalize()} a day from {day_words(days[0])} to {day_words(days[-1])}"
    highest = f"highest {count_words(values[top])} on {day_words(days[top])}"
    told = [f"{span}: {count_words(sum(values))} in all, {highest}, last {count_words(values[-1])}."]
    if threshold:
        over = sum(1 for value in values if value > threshold.value)
        limit = f"{count_words(threshold.value)}, the threshold of {threshold.name}"
        told.append(f"{over} of {len(values)} days are over {limit}.")
    told += [f"{mark.letter}, {day_words(mark.day)}: {mark.words}." for mark in marks]
    return " ".join(told)


def _bars(values: Sequence[float], frame: _Frame, threshold: Threshold | None) -> list[Svg]:
    gap = min(2.0, frame.step * 0.2)
    bars = []
    for place, value in enumerate(values):
        height = frame.height(value)
        on = " on" if threshold is None or value > threshold.value else ""
        shape = {"x": frame.at(place), "y": frame.floor - height, "width": frame.step - gap, "height": height}
        bars.append(node("rect", {"class": f"bar{on}", **shape}))
    return bars


def _level(name: str, frame: _Frame, y: float) -> Svg:
    """A line across the plot."""
    return node("path", {"class": name, "d": f"M{short_number(_LEFT)} {short_number(y)}H{short_number(frame.right)}"})


def _ticks(days: Sequence[date], frame: _Frame, floor: float) -> list[Svg]:
    # Beside the last day there is room for its own label only.
    places = [p for p in range(0, len(days), _TICK_DAYS) if p == 0 or (len(days) - p) * frame.step > 84]
    marks = [text(frame.at(place), floor + 14, day_words(days[place]), name="faint") for place in places]
    if len(days) * frame.step > 84 and len(days) > 1:
        marks.append(text(frame.at(len(days)) - 2, floor + 14, day_words(days[-1]), name="faint", anchor="end"))
    return marks


def _flags(days: Sequence[date], marks: Sequence[DayMark], frame: _Frame) -> list[Svg]:
    places = {day: place for place, day in enumerate(days)}
    shapes: list[Svg] = []
    for mark in marks:
        if mark.day not in places:
            continue
        x = frame.at(places[mark.day] + 0.5) - 1
        shapes += [
            node("path", {"class": "flag-line", "d": f"M{short_number(x)} 20V{short_number(frame.floor - _PLOT)}"}),
            node("circle", {"class": "flag", "cx": x, "cy": 13.0, "r": 7}, node("title", None, mark.words)),
            text(x, 16.5, mark.letter, name="flag-text", anchor="middle"),
        ]
    return shapes


def _side_labels(
    days: Sequence[date], values: Sequence[float], frame: _Frame, threshold: Threshold | None
) -> list[Svg]:
    top = max(range(len(values)), key=lambda place: values[place])
    peak_y, x = frame.floor - frame.height(values[top]) + 4, frame.right + 8
    labels = []
    if threshold:
        y = frame.floor - frame.height(threshold.value)
        # Two labels of two lines must not touch: the one of the higher value goes up.
        if abs(peak_y - y) < 32:
            peak_y = y - 28 if values[top] >= threshold.value else y + 34
        labels += [
            _level("rule-gap", frame, y),  # so that the dashes can be read on dark bars
            _level("rule", frame, y),
            text(x, y + 4, count_words(threshold.value), name="rule-text"),
            text(x, y + 18, threshold.name, name="rule-text"),
        ]
    labels += [
        text(x, peak_y, f"highest {count_words(values[top])}", name="bold"),
        text(x, peak_y + 14, f"on {day_words(days[top])}", name="faint"),
    ]
    return labels


def _line(values: Sequence[float], frame: _Frame, head: float) -> tuple[list[Svg], float]:
    """A second series as a line under the bars, on a scale of its own."""
    floor = head + _LINE_PLOT + 16
    ceiling = max(*values, 1) * 1.04
    points = [(frame.at(place + 0.5), floor - _LINE_PLOT * value / ceiling) for place, value in enumerate(values)]
    course = "L".join(f"{short_number(x)} {short_number(y)}" for x, y in points)
    last_x, last_y = points[-1]
    shapes = [
        _level("axis", frame, floor),
        node("path", {"class": "mark", "d": f"M{course}"}),
        node("circle", {"class": "dot", "cx": last_x, "cy": last_y, "r": 2.5}),
        text(frame.right + 8, last_y + 4, f"last {count_words(values[-1])}", name="bold"),
        text(frame.right + 8, last_y + 18, f"highest {count_words(max(values))}", name="faint"),
    ]
    return shapes, floor


def day_chart(
    days: Sequence[date],
    values: Sequence[float],
    *,
    key: str,
    title: str,
    unit: str = "exchanges",
    threshold: Threshold | None = None,
    marks: Sequence[DayMark] = (),
    line: DayLine | None = None,
    width: float = WIDTH,
) -> Svg:
    """Bars of ``values``, one a day of ``days``, oldest first; those over ``threshold`` in the accent; a line below.

    ``width`` in user units: 700 for a column, 1030 for a page. Raises ValueError when days and values differ in number.
    """
    if len(days) != len(values) or (line is not None and len(line.values) != len(days)):
        raise ValueError("A day chart needs one value for each day.")
    right = width - _SIDE
    ceiling = max(*values, threshold.value if threshold else 0, 1) * 1.04
    frame = _Frame(right, min((right - _LEFT) / max(len(days), 1), 60.0), _HEAD + _PLOT, ceiling)
    shapes = [text(_LEFT, 16.0, f"{unit.capitalize()} a day", name="bold"), *_bars(values, frame, threshold)]
    shapes.append(_level("axis", frame, frame.floor))
    if values:
        shapes += _side_labels(days, values, frame, threshold)
    told, floor = _describe(days, values, unit, threshold, marks), frame.floor
    if line and line.values:
        shapes.append(text(_LEFT, floor + 22, f"{line.unit.capitalize()} a day", name="bold"))
        more, floor = _line(line.values, frame, floor + 22)
        shapes += more
        told += (
            f" {line.unit.capitalize()}: highest {count_words(max(line.values))}, last {count_words(line.values[-1])}."
        )
    shapes += [*_flags(days, marks, frame), *_ticks(days, frame, floor)]
    return picture(key, (width, floor + _FOOT), title, told, *shapes, name="chart wide" if width > WIDTH else "chart")
