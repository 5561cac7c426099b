"""The few lines that write SVG: text is escaped, numbers are short, nothing carries a style attribute."""

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "http://www.w3.org/2000/svg"


class Svg(str):
    """Finished markup; any other text is escaped when it is placed."""

    __slots__ = ()


def short_number(value: float) -> str:
    """Coordinates with at most one decimal: 12.5, 12, never -0."""
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def _value(value: object) -> str:
    return short_number(value) if isinstance(value, float) else str(value)


def node(name: str, attributes: Mapping[str, object] | None = None, *children: str) -> Svg:
    """One element. Attributes that are None or "" are left out; floats are shortened."""
    given = "".join(
        f" {key}={quoteattr(_value(value))}"
        for key, value in (attributes or {}).items()
        if value is not None and value != ""
    )
    inside = "".join(child if isinstance(child, Svg) else escape(child) for child in children)
    return Svg(f"<{name}{given}>{inside}</{name}>" if inside else f"<{name}{given}/>")


def text(x: float, y: float, words: str, *, name: str = "", anchor: str = "") -> Svg:
    """A line of words at a baseline point; ``anchor`` is "", "middle" or "end"."""
    return node("text", {"class": name, "x": x, "y": y, "text-anchor": anchor}, words)


def picture(
    key: str,
    size: tuple[float, float],
    title: str,
    description: str,
    *shapes: str,
    name: str = "chart",
    role: str = "img",
) -> Svg:
    """The outer element with its title and description; ``key`` makes their ids unique on a page."""
    return node(
        "svg",
        {
            "xmlns": NAMESPACE,
            "class": name,
            "viewBox": f"0 0 {short_number(size[0])} {short_number(size[1])}",
            "role": role,
            "aria-labelledby": f"{key}-t {key}-d",
        },
        node("title", {"id": f"{key}-t"}, title),
        node("desc", {"id": f"{key}-d"}, description),
        *shapes,
    )


def day_words(day: object) -> str:
    """``22 Apr``, from a date."""
    return f"{day.day} {day:%b}" if hasattr(day, "day") else str(day)


def count_words(number: float) -> str:
    """``25,014``."""
    return f"{number:,.0f}"
