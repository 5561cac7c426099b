"""Columns of all accounts, and the building blocks that fill them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .draws import Ints

CAMPAIGN, RING, HONEST = 0, 1, 2
NEVER = 10_000  # a day past any period: the account did not end
COLUMNS = (
    "group",  # CAMPAIGN, RING or HONEST
    "ring",  # number of the abuse ring (0: the campaign), -1 for honest accounts
    "declared",  # organization that the account declared, -1: none
    "belongs",  # truth: organization or household that it belongs to, -1: none
    "created_day",  # days after the first day, negative: before
    "ended_day",  # first day on which it no longer lives
    "weight",  # how much it draws, 0..60
    "weekday",
    "weekend",  # per mille of such days on which it is active
    "payment",
    "device",
    "phone",
    "email",
    "referral",  # codes, -1: none
    "network_first",
    "network_offset",
    "network_span",  # main networks, turned through
    "network_alternate",
    "alternate_permille",
    "slot",
    "template_first",
    "template_second",
    "template_third",  # codes, -1: none
    "popular_permille",  # of days with a popular template instead
    "schedule",  # code the detector gives, -1: none recognized
    "hours",  # row of the hour table
    "plan",
    "terms",
)


@dataclass
class Accounts:
    """One numpy column of int64 a name in COLUMNS, all of one length: about 230 bytes an account."""

    columns: dict[str, Ints]

    def __getitem__(self, name: str) -> Ints:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.columns["group"])

    @staticmethod
    def blank(count: int) -> Accounts:
        """`count` rows of -1, with the few columns whose neutral value is another."""
        columns = {name: np.full(count, -1, dtype=np.int64) for name in COLUMNS}
        for name in ("alternate_permille", "popular_permille", "network_offset", "plan", "terms", "hours"):
            columns[name][:] = 0
        columns["network_span"][:] = 1
        columns["ended_day"][:] = NEVER
        return Accounts(columns)

    @staticmethod
    def joined(parts: list[Accounts]) -> Accounts:
        """All rows of `parts`, in order."""
        return Accounts({name: np.concatenate([part[name] for part in parts]) for name in COLUMNS})


@dataclass
class Codes:
    """Hands out codes that nobody else has, one counter a kind."""

    following: dict[str, int] = field(default_factory=dict)

    def take(self, kind: str, count: int) -> int:
        """First of `count` fresh codes of `kind`."""
        first = self.following.get(kind, 0)
        self.following[kind] = first + count
        return first

    def each(self, kind: str, count: int) -> Ints:
        """`count` fresh codes."""
        return self.take(kind, count) + np.arange(count)

    def grouped(self, kind: str, groups: Ints) -> Ints:
        """One fresh code for each group number."""
        return groups if len(groups) == 0 else self.take(kind, int(groups.max()) + 1) + groups


@dataclass(frozen=True)
class Organization:
    """A body as the warehouse knows it; `parent` is a row number or -1."""

    name: str
    parent: int
    domain: str
    kind: str  # "laboratory", "parent", "proxy", "shell", "company", "campus", "household"


@dataclass
class Directory:
    """Organizations and e-mail domains in the making."""

    organizations: list[Organization] = field(default_factory=list)
    domains: list[str] = field(default_factory=list)

    def add(self, organization: Organization) -> int:
        """Row number of the new organization."""
        self.organizations.append(organization)
        return len(self.organizations) - 1

    def add_domain(self, domain: str) -> int:
        """Code of the new e-mail domain."""
        self.domains.append(domain)
        return len(self.domains) - 1
