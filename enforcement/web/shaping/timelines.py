"""The days of a case as a chart, with its rule's threshold and what happened marked."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils.safestring import SafeString, mark_safe

from enforcement.cases.models import Case
from enforcement.cases.selectors import CaseDay
from enforcement.packets.pictures import DayLine, DayMark, Threshold, day_chart


def case_chart(case: Case, days: Sequence[CaseDay], *, width: int = 700) -> SafeString:
    """SVG of exchanges a day and active accounts; "" where no exchange was counted."""
    if not days:
        return SafeString("")
    first, last = days[0].day, days[-1].day
    known = {row.day: row for row in days}
    every = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    values = [known[day].exchanges if day in known else 0 for day in every]
    active = [known[day].active if day in known else 0 for day in every]
    opened = case.opened_at.date()
    marks = [DayMark(opened, "a", f"{case.ref} opened")] if opened in known else []
    drawn = day_chart(
        every, values, key="case-days", title=f"Exchanges a day of the subjects of {case.ref}", unit="exchanges",
        threshold=_threshold(case), marks=marks, line=DayLine(active, "active accounts"), width=width,
    )  # fmt: skip
    return mark_safe(drawn)  # noqa: S308 - drawn from numbers, words escaped while drawn


def _threshold(case: Case) -> Threshold | None:
    rule = case.opened_by_rule
    if rule is None:
        return None
    bound = next((row["at_least"] for row in rule.conditions if row["measure"] == "exchanges_per_day"), None)
    return Threshold(float(bound), "the threshold") if bound else None
