"""Pictures in pages: thin tags over ``enforcement.packets.pictures``, where text is escaped while it is drawn."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.template import Library
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from enforcement.packets import pictures
from enforcement.packets.pictures.cluster import accounts_per_dot

register = Library()


@register.simple_tag
def sparkline(values: Sequence[float], label: str = "Exchanges a day") -> SafeString:
    """``{% sparkline row.daily %}`` in a ``td.spark``: one value a day, oldest first."""
    return mark_safe(pictures.sparkline(values, label=label))  # noqa: S308 - drawn from numbers, words escaped in svg.node


@register.simple_tag
def meter(done: float, total: float, label: str, tone: str = "") -> SafeString:
    """A bar of ``done`` in ``total``; tone "" accent, "b" grey, "c" warn, "d" danger."""
    return mark_safe(pictures.meter([(done, tone)], total=total, label=label))  # noqa: S308 - as above


@register.simple_tag
def share_bar(parts: Sequence[tuple[float, str]], total: float, label: str) -> SafeString:
    """A bar of several shares: rows (amount, tone)."""
    return mark_safe(pictures.meter(parts, total=total, label=label))  # noqa: S308 - as above


@register.simple_tag
def bits_bar(value: float | None, need: float = 12.0) -> SafeString | str:
    """Bits with their bar and the threshold on it: ``{% bits_bar member.bits method.threshold %}`` in a ``td.num``."""
    if value is None:
        return "none"
    bar = mark_safe(pictures.bits_bar(float(value), need=float(need)))  # noqa: S308 - as above
    return format_html('<span class="bits">{}{}</span>', bar, f"{value:.1f}")


@register.simple_tag
def day_chart(days: Sequence[date], values: Sequence[float], key: str, title: str, **options: Any) -> SafeString:
    """The timeline. ``options``: unit, marks, width; threshold and threshold_name; line and line_unit."""
    limit, name = options.pop("threshold", None), options.pop("threshold_name", "the rule")
    line, unit = options.pop("line", None), options.pop("line_unit", "active accounts")
    if limit is not None:
        options["threshold"] = pictures.Threshold(float(limit), name)
    if line:
        options["line"] = pictures.DayLine(line, unit)
    drawn = pictures.day_chart(days, values, key=key, title=title, **options)
    return mark_safe(drawn)  # noqa: S308 - as above


@register.simple_tag
def hour_map(counts: Sequence[Sequence[float]], key: str, title: str) -> SafeString:
    """Hour of week; 7 rows of 24."""
    return mark_safe(pictures.hour_map(counts, key=key, title=title))  # noqa: S308 - as above


@register.simple_tag
def cluster_picture(view: pictures.ClusterView, key: str = "picture") -> SafeString:
    """The cluster picture; use the component, which adds legend and table."""
    return mark_safe(pictures.cluster_picture(view, key=key))  # noqa: S308 - as above


@register.filter
def per_dot(view: pictures.ClusterView) -> int:
    """Accounts that one dot stands for."""
    return accounts_per_dot(view.accounts)


@register.filter
def hub_kinds(view: pictures.ClusterView) -> list[tuple[str, str]]:
    """Kinds drawn, with the class of their mark, for the legend."""
    marks = {"template": "hub", "schedule": "hub schedule"}
    kinds = dict.fromkeys(hub.kind for hub in view.hubs)
    return [(kind.replace("_", " "), marks.get(kind, "hub other")) for kind in kinds]
