"""Pictures the size of a word: sparkline, meter, bar of bits."""

from collections.abc import Sequence

from enforcement.packets.pictures.svg import Svg, count_words, node, short_number

SPARK_WIDTH, SPARK_HEIGHT = 84.0, 22.0
BITS_SCALE = 20.0
_MARGIN, _TOP, _FLOOR = 1.0, 3.0, 19.0


def trend_words(values: Sequence[float]) -> str:
    """The course of a series in words: "none", "level", "rising", "falling", "one burst", "rising, then none"."""
    highest = max(values, default=0)
    if highest <= 0:
        return "none"
    third = max(len(values) // 3, 1)
    early, late = sum(values[:third]) / third, sum(values[-third:]) / third
    middle = values[third:-third] or values
    if max(middle) > 3 * max(early, late, 1e-9):
        return "one burst"
    if len(values) > 1 and values[-1] == values[-2] == 0:
        return "rising, then none" if max(values[-third:]) > early else "falling to none"
    if late > 1.25 * early:
        return "rising"
    return "falling" if late < 0.8 * early else "level"


def sparkline(values: Sequence[float], *, label: str = "Exchanges a day") -> Svg:
    """``values`` one a day, oldest first, any length. No axes; zero is the floor; the last day is dotted."""
    days = len(values)
    if not days:
        return node(
            "svg", {"class": "sparkline", "viewBox": "0 0 84 22", "role": "img", "aria-label": f"{label}: no days"}
        )
    highest = max(*values, 1)
    step = (SPARK_WIDTH - 4 * _MARGIN) / max(days - 1, 1)
    points = [
        (_MARGIN + place * step, _FLOOR - (_FLOOR - _TOP) * value / highest) for place, value in enumerate(values)
    ]
    course = "L".join(f"{short_number(x)} {short_number(y)}" for x, y in points)
    last_x, last_y = points[-1]
    figures = f"highest {count_words(max(values))}, last {count_words(values[-1])}"
    told = f"{label}, {days} days: {trend_words(values)}, {figures}"
    return node(
        "svg",
        {"class": "sparkline", "viewBox": "0 0 84 22", "role": "img", "aria-label": told},
        node("path", {"d": f"M{course}"}),
        node("circle", {"cx": last_x, "cy": last_y, "r": "2.2"}),
    )


def meter(parts: Sequence[tuple[float, str]], *, total: float, label: str) -> Svg:
    """A bar of shares of ``total``. Each part is an amount and a class: "" accent, "b" grey, "c" warn, "d" danger."""
    scale = 100 / total if total > 0 else 0
    start, bars = 0.0, []
    for amount, name in parts:
        width = min(amount * scale, 100 - start)
        bars.append(node("rect", {"class": name, "x": start, "width": width, "height": 6}))
        start += width
    return node(
        "svg",
        {"class": "meter", "viewBox": "0 0 100 6", "preserveAspectRatio": "none", "role": "img", "aria-label": label},
        *bars,
    )


def bits_bar(value: float, *, need: float, scale: float = BITS_SCALE) -> Svg:
    """Evidence in bits against the threshold ``need``; both clipped to ``scale``. The figure stands beside it."""
    width, mark = (48 * min(max(amount, 0), scale) / scale for amount in (value, need))
    return node(
        "svg",
        {"viewBox": "0 0 48 6", "aria-hidden": "true"},
        node("rect", {"class": "track", "width": 48, "height": 6, "rx": 1}),
        node("rect", {"width": width, "height": 6, "rx": 1}),
        node("path", {"class": "need", "d": f"M{short_number(mark)} -1.5V7.5"}),
    )
