"""Times are UTC, said once; the exact time stands in <time datetime>."""

from datetime import UTC, date, datetime, timedelta

from django.template import Library
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now

from enforcement.web.templatetags.figures import GAP, NOTHING

register = Library()

_AGE_STEPS = ((60, 1, "s"), (3600, 60, "min"), (48 * 3600, 3600, "h"))


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("A time without a zone reached a page; store times with their zone.")
    return value.astimezone(UTC)


def _tagged(value: datetime, words: str, *, title: bool = True) -> SafeString:
    exact = f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if not title:
        return format_html('<time datetime="{}">{}</time>', exact, words)
    return format_html('<time datetime="{}" title="{}">{}</time>', exact, _long(value, seconds=True), words)


def _long(value: datetime, *, seconds: bool = False) -> str:
    clock = f"{value:%H:%M:%S}" if seconds else f"{value:%H:%M}"
    return f"{value.day} {value:%b %Y}, {clock} UTC"


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """For heads and records: ``9 Jun 2026, 16:42 UTC``."""
    if value is None:
        return NOTHING
    exact = _utc(value)
    return _tagged(exact, _long(exact), title=False)


@register.filter
def moment_short(value: datetime | None) -> SafeString | str:
    """For tables: ``9 Jun 16:42`` in this year, ``9 Jun 2025`` in another; the exact time on hover."""
    if value is None:
        return NOTHING
    exact = _utc(value)
    same_year = exact.year == now().astimezone(UTC).year
    return _tagged(exact, f"{exact.day} {exact:%b %H:%M}" if same_year else f"{exact.day} {exact:%b %Y}")


@register.filter
def clock(value: datetime | None) -> SafeString | str:
    """``07:39:34``, where the day is said nearby."""
    if value is None:
        return NOTHING
    exact = _utc(value)
    return _tagged(exact, f"{exact:%H:%M:%S}")


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """``9 Jun 2026``."""
    if value is None:
        return NOTHING
    plain = _utc(value).date() if isinstance(value, datetime) else value
    return format_html('<time datetime="{}">{}</time>', plain.isoformat(), f"{plain.day} {plain:%b %Y}")


def span_words(value: timedelta | float) -> str:
    """A length of time, one unit, rounded down: ``45 s``, ``2 min``, ``26 h``, ``6 d``."""
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    for limit, unit_seconds, unit in _AGE_STEPS:
        if seconds < limit:
            return f"{max(seconds, 0) // unit_seconds}{GAP}{unit}"
    return f"{seconds // 86_400}{GAP}d"


@register.filter
def age(value: datetime | None) -> SafeString | str:
    """How long ago, when age is the point: ``2 min``."""
    if value is None:
        return NOTHING
    exact = _utc(value)
    return _tagged(exact, span_words(now() - exact))


@register.filter
def span(value: timedelta | float | None) -> str:
    """A duration, given as timedelta or seconds: ``45 s``, ``6 d``."""
    return NOTHING if value is None else span_words(value)


@register.simple_tag
def day_range(first: date | None, last: date | None) -> str:
    """``22 Apr to 5 Jun 2026``; both years when they differ; one day when they are the same."""
    if first is None or last is None:
        return NOTHING
    end = f"{last.day} {last:%b %Y}"
    if first == last:
        return end
    return f"{first.day} {first:%b %Y} to {end}" if first.year != last.year else f"{first.day} {first:%b} to {end}"


@register.simple_tag
def now_utc() -> SafeString:
    """The clock of the top bar: ``Tue 9 Jun 2026, 07:40 UTC``."""
    exact = now().astimezone(UTC)
    return _tagged(exact, f"{exact:%a} {_long(exact)}", title=False)
