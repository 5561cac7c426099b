from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from enforcement.web.templatetags import times

MOMENT = datetime(2026, 6, 9, 16, 42, 5, tzinfo=UTC)
GAP = "\N{NO-BREAK SPACE}"


def test_heads_give_day_and_minute_with_the_exact_time_behind():
    assert times.moment(MOMENT) == '<time datetime="2026-06-09T16:42:05Z">9 Jun 2026, 16:42 UTC</time>'


def test_a_time_of_another_zone_is_shown_in_utc():
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert times.moment(elsewhere) == times.moment(MOMENT)


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        times.moment(MOMENT.replace(tzinfo=None))


def test_tables_leave_out_the_year_of_today(monkeypatch):
    monkeypatch.setattr(times, "now", lambda: MOMENT)
    assert ">9 Jun 16:42<" in times.moment_short(MOMENT)
    assert ">9 Jun 2025<" in times.moment_short(MOMENT.replace(year=2025))


@pytest.mark.parametrize(
    ("span", "words"),
    [(45, f"45{GAP}s"), (125, f"2{GAP}min"), (26 * 3600, f"26{GAP}h"), (6.5 * 86_400, f"6{GAP}d"), (-3, f"0{GAP}s")],
)
def test_a_span_has_one_unit(span, words):
    assert times.span_words(span) == words


def test_what_has_no_time_says_none():
    assert times.moment(None) == times.age(None) == times.day(None) == "none"


def test_ranges_are_in_words():
    assert times.day_range(date(2026, 4, 22), date(2026, 6, 5)) == "22 Apr to 5 Jun 2026"
    assert times.day_range(date(2025, 12, 30), date(2026, 1, 2)) == "30 Dec 2025 to 2 Jan 2026"
    assert times.day_range(date(2026, 6, 5), date(2026, 6, 5)) == "5 Jun 2026"
