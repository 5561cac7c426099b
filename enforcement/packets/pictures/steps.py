"""How many things stand at each step of a measure: level bars with their counts, the widest the most."""

from collections.abc import Sequence

from enforcement.packets.pictures.svg import Svg, count_words, node, picture, text

_WIDTH, _LEFT, _RIGHT = 700.0, 110.0, 70.0
_STEP, _BAR = 17.0, 12.0


def step_chart(rows: Sequence[tuple[str, int]], *, key: str, title: str, told: str) -> Svg:
    """Bars for (words, count) from top to bottom; `told` gives the values in words."""
    most = max((count for _, count in rows), default=0) or 1
    shapes: list[Svg] = []
    for place, (words, count) in enumerate(rows):
        top = 4.0 + place * _STEP
        width = (_WIDTH - _LEFT - _RIGHT) * count / most
        shapes.append(text(_LEFT - 8, top + _BAR - 2, words, anchor="end"))
        if count:
            shapes.append(node("rect", {"class": "bar on", "x": _LEFT, "y": top, "width": width, "height": _BAR}))
        shapes.append(text(_LEFT + width + 6, top + _BAR - 2, count_words(count)))
    return picture(key, (_WIDTH, 8.0 + len(rows) * _STEP), title, told, *shapes)
