"""Why a case was opened, in words and numbers."""

from datetime import date

from accounts.models import Cluster
from enforcement.cases.measures import MEASURES, Measures
from enforcement.cases.models import Threshold


def day_words(day: date | None) -> str:
    """4 Jun 2026; "an unknown day" for none."""
    return f"{day.day} {day:%b %Y}" if day else "an unknown day"


def figure_words(measure: str, value: float) -> str:
    """A measure with its unit: 25 accounts, 1,000 exchanges a day, 50 % flagged accounts."""
    unit = MEASURES[measure]
    if measure.endswith("_share"):
        return f"{round(value * 100, 1):g} % {unit}"
    return f"{value:,.4g} {unit}" if value < 100 and value != int(value) else f"{value:,.0f} {unit}"


def why_opened(*, threshold: Threshold, cluster: Cluster, measures: Measures) -> str:
    """Why the roll-up of `cluster` opened a case under `threshold`, and that no single account would have."""
    m = measures
    asked = ", ".join(f"at least {figure_words(c['measure'], float(c['at_least']))}" for c in threshold.conditions)
    found = ", ".join(figure_words(c["measure"], m.value(c["measure"])) for c in threshold.conditions)
    return " ".join(
        (
            (
                f"{m.accounts:,} accounts of cluster {cluster.ref}, none above {m.highest_account_day:,} exchanges "
                f"a day, together drew {m.exchanges:,} from {day_words(m.first_day)} to {day_words(m.last_day)} "
                f"({m.days} days): {m.exchanges_per_day:,.0f} a day."
            ),
            f"Threshold “{threshold.name}”, version {threshold.version}, asks for {asked}; the roll-up has {found}.",
            _single_account(threshold, m),
            (
                f"{m.flagged_accounts:,} of the accounts have alerts for conduct of their own. "
                "Being linked is no violation: a person finds for each account."
            ),
        )
    )


def _single_account(threshold: Threshold, m: Measures) -> str:
    limits = [
        float(c["at_least"]) for c in threshold.conditions if c["measure"] in {"exchanges_per_day", "peak_exchanges"}
    ]
    if not limits:
        return f"The highest account drew {m.highest_account_day:,} exchanges on one day."
    if m.highest_account_day < min(limits):
        return (
            f"No single account crossed it: the highest drew {m.highest_account_day:,} exchanges on one day, "
            f"where the threshold asks for {min(limits):,.0f}."
        )
    return f"The highest account alone drew {m.highest_account_day:,} exchanges on one day."


def why_points_to(*, cluster: Cluster, name: str, members: int) -> str:
    """Why a rule suggests an organization: only what accounts declared, which proves nothing."""
    return (
        f"{cluster.points_to_accounts:,} of the {members:,} accounts of {cluster.ref} declare {name} or a part of it. "
        "Suggested by rule: what an account declared proves nothing. A person establishes it from exhibits."
    )
