"""The figures of a cluster's roll-up that a threshold may ask about; all come from the roll-up row and nothing else."""

from dataclasses import dataclass
from datetime import date

from accounts.models import ClusterRollup
from enforcement.audit.errors import Refusal

# measure -> its unit, in words
MEASURES = {
    "accounts": "accounts",
    "active_accounts": "active accounts",
    "flagged_accounts": "flagged accounts",
    "flagged_share": "of accounts flagged",
    "alerts": "alerts",
    "exchanges": "exchanges",
    "exchanges_per_day": "exchanges a day",
    "exchanges_per_account_day": "exchanges an account and day",
    "peak_exchanges": "exchanges on the peak day",
    "highest_account_day": "exchanges of one account on one day",
    "growth": "times the mean day on the peak day",
    "days": "days",
}


@dataclass(frozen=True, slots=True)
class Measures:
    """A roll-up and the figures made from it. Shares are 0-1; `growth` is the peak day over the mean day."""

    accounts: int
    active_accounts: int
    flagged_accounts: int
    alerts: int
    exchanges: int
    peak_exchanges: int
    highest_account_day: int
    first_day: date | None
    last_day: date | None

    @property
    def days(self) -> int:
        """Days from the first to the last, both counted; 0 when nothing was drawn."""
        if self.first_day is None or self.last_day is None:
            return 0
        return (self.last_day - self.first_day).days + 1

    @property
    def exchanges_per_day(self) -> float:
        """Exchanges of the whole cluster over its days."""
        return self.exchanges / self.days if self.days else 0.0

    @property
    def exchanges_per_account_day(self) -> float:
        """Exchanges a day of the mean account."""
        return self.exchanges_per_day / self.accounts if self.accounts else 0.0

    @property
    def flagged_share(self) -> float:
        """Accounts with conduct alerts of their own over all accounts."""
        return self.flagged_accounts / self.accounts if self.accounts else 0.0

    @property
    def growth(self) -> float:
        """Peak day over mean day."""
        return self.peak_exchanges / self.exchanges_per_day if self.exchanges_per_day else 0.0

    def value(self, measure: str) -> float:
        """The figure of that name. Raises `Refusal` for a name that is none."""
        if measure not in MEASURES:
            raise Refusal(
                "threshold.measure",
                f"“{measure}” is no measure. Use one of: {', '.join(MEASURES)}.",
                field="conditions",
                status=422,
            )
        return float(getattr(self, measure))


def measures_of(rollup: ClusterRollup) -> Measures:
    """The figures of one roll-up row."""
    return Measures(
        accounts=rollup.accounts,
        active_accounts=rollup.active_accounts,
        flagged_accounts=rollup.flagged_accounts,
        alerts=rollup.alerts,
        exchanges=rollup.exchanges,
        peak_exchanges=rollup.peak_exchanges,
        highest_account_day=rollup.highest_account_day,
        first_day=rollup.first_day,
        last_day=rollup.last_day,
    )
