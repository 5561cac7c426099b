"""The honest population: companies, households, campuses, carrier customers, people at home, customers of proxies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .accounts import HONEST, NEVER, Accounts, Codes, Directory, Organization
from .draws import Draws, Ints
from .making import Making
from .names import (
    CAMPAIGN_TEMPLATES,
    POPULAR_TEMPLATES,
    PROXIES,
    VIRAL_REFERRALS,
    WEBMAIL_WEIGHTS,
    company,
    slug,
)
from .networks import HOME_BLOCK, Networks
from .rings import FIRST_RING_TEMPLATE
from .schedules import CAMPAIGN_SHIFTS, ROUND_THE_CLOCK
from .settings import Settings

COMPANY, HOUSEHOLD, CAMPUS, CARRIER, SINGLE, RESOLD, VPN = range(7)


@dataclass(frozen=True)
class HonestPlan:
    """How many honest accounts of each sort, and their groups; decided before networks are laid out."""

    counts: tuple[int, ...]
    company: Ints
    household: Ints
    device_group: Ints

    @property
    def companies(self) -> int:
        """Companies with at least one account."""
        return int(self.company.max()) + 1 if len(self.company) else 0

    @property
    def families(self) -> int:
        """Households of two and more."""
        return int(self.household.max()) + 1 if len(self.household) else 0

    @property
    def households(self) -> int:
        """Families, and everybody else who has a home of one: all but companies and campuses."""
        return self.families + sum(self.counts[CARRIER:])


def plan_honest(draws: Draws, settings: Settings, count: int) -> HonestPlan:
    """Split `count` accounts by the weights; what rounding leaves goes to single homes."""
    total = sum(settings.honest_weights)
    counts = [count * weight // total for weight in settings.honest_weights]
    counts[SINGLE] += count - sum(counts)
    return HonestPlan(
        counts=tuple(counts),
        company=draws.groups(counts[COMPANY], *settings.company_size, "company-size", skewed=True),
        household=draws.groups(counts[HOUSEHOLD], *settings.household_size, "household-size"),
        device_group=draws.groups(counts[CAMPUS], *settings.campus_device_group, "campus-device"),
    )


def build_honest(making: Making, plan: HonestPlan, rings: int) -> Accounts:
    """All honest accounts, sort by sort."""
    draws, settings, networks, codes = making.draws, making.settings, making.networks, making.codes
    count = sum(plan.counts)
    rows, number = Accounts.blank(count), np.arange(count)
    sort = np.repeat(np.arange(len(plan.counts)), plan.counts)
    rows["group"][:] = HONEST
    _draw_life(draws, rows, sort)
    rows["payment"][:] = codes.each("payment", count)
    rows["device"][:] = np.where(
        draws.chance(settings.honest_device_absent, "honest-no-device", number),
        -1,
        codes.each("device", count),
    )
    rows["phone"][:] = np.where(
        draws.chance(settings.honest_phone_given, "honest-phone", number), codes.each("phone", count), -1
    )
    rows["email"][:] = draws.pick(WEBMAIL_WEIGHTS, "honest-webmail", number)
    _place(draws, settings, networks, rows, sort, plan)
    _give_templates(draws, settings, rows)
    _give_hours(draws, settings, rows)
    _give_referrals(draws, settings, codes, rows)
    private = FIRST_RING_TEMPLATE + 2 * rings
    _companies(making, rows, plan, private)
    _households(draws, settings, making.directory, rows, sort, plan)
    _campuses(making, rows, sort, plan)
    resold = sort == RESOLD
    rows["declared"][resold] = 2 + draws.below(len(PROXIES), "resold", number)[resold]
    return rows


def _draw_life(draws: Draws, rows: Accounts, sort: Ints) -> None:
    number = np.arange(len(rows))
    old = -draws.below(900, "honest-created", number)
    young = 1 + draws.below(30, "honest-young", number)
    rows["created_day"][:] = np.where(draws.chance(60, "honest-new", number), young, old)
    ends = draws.chance(25, "honest-ends", number)
    rows["ended_day"][:] = np.where(ends, 31 + draws.below(14, "honest-end", number), NEVER)
    rows["weight"][:] = 2 + draws.below(12, "honest-weight-a", number) * draws.below(6, "honest-weight-b", number)
    rows["weekday"][:] = 150 + draws.below(650, "honest-weekday", number)
    rows["weekend"][:] = np.where(sort == COMPANY, rows["weekday"] // 6, rows["weekday"] * 2 // 3)
    rows["plan"][:] = draws.pick((40, 40, 20), "honest-plan", number)


def _place(draws: Draws, settings: Settings, networks: Networks, rows: Accounts, sort: Ints, plan: HonestPlan) -> None:
    number = np.arange(len(rows))
    # The one home of every account outside companies and campuses; family members share theirs.
    home = np.full(len(rows), -1, dtype=np.int64)
    home[sort == HOUSEHOLD] = plan.household
    alone = sort >= CARRIER
    home[alone] = plan.families + np.arange(int(alone.sum()))
    rows["slot"][:] = np.where(home >= 0, home % HOME_BLOCK, -1)
    rows["network_first"][:] = np.where(home >= 0, networks.homes + home // HOME_BLOCK, 0)

    def somewhere(span: tuple[int, int], stream: str) -> Ints:
        return span[0] + draws.below(span[1] - span[0], stream, number)

    carrier, vpn = somewhere(networks.carriers, "honest-carrier"), somewhere(networks.vpn, "honest-vpn")
    resold = somewhere((0, networks.proxy_first[-1]), "honest-proxy")
    for member, main in ((CARRIER, carrier), (RESOLD, resold), (VPN, vpn)):
        rows["network_first"][:] = np.where(sort == member, main, rows["network_first"])
    mobile = draws.chance(settings.honest_carrier, "honest-mobile", number)
    exits = draws.chance(settings.honest_vpn, "honest-exits", number)
    rows["network_alternate"][:] = np.where(exits, vpn, np.where(mobile, carrier, -1))
    rows["alternate_permille"][:] = np.where(
        exits, settings.honest_vpn_day, np.where(mobile, settings.honest_carrier_day, 0)
    )


def _give_templates(draws: Draws, settings: Settings, rows: Accounts) -> None:
    number = np.arange(len(rows))
    popular = draws.below(POPULAR_TEMPLATES, "honest-popular", number)
    leaked = POPULAR_TEMPLATES + draws.below(CAMPAIGN_TEMPLATES, "leaked-which", number)
    leak = draws.chance(settings.honest_campaign_template, "leaked", number)
    uses = draws.chance(settings.honest_popular_template, "honest-uses", number)
    rows["template_first"][:] = np.where(leak, leaked, np.where(uses, popular, -1))
    rows["popular_permille"][:] = np.where(uses, 150, 0)


def _give_hours(draws: Draws, settings: Settings, rows: Accounts) -> None:
    number = np.arange(len(rows))
    region = draws.pick((35, 35, 15, 10, 5), "honest-region", number)
    region = np.where(region == 4, ROUND_THE_CLOCK, region)
    shift = np.asarray(CAMPAIGN_SHIFTS)[draws.below(3, "honest-shift-which", number)]
    night = draws.chance(settings.honest_campaign_hours, "honest-shift", number)
    hours = np.where(night, shift, region)
    rows["hours"][:] = hours
    rows["schedule"][:] = np.where(night | draws.chance(settings.honest_schedule, "honest-regular", number), hours, -1)


def _give_referrals(draws: Draws, settings: Settings, codes: Codes, rows: Accounts) -> None:
    number = np.arange(len(rows))
    viral = draws.chance(settings.honest_viral_referral, "honest-viral", number)
    friends = draws.order(len(rows), "friends")  # friends are not neighbours in any table
    friend_code = np.empty(len(rows), dtype=np.int64)
    groups = draws.groups(len(rows), 12, 30, "friend-size")  # of these an eighth uses the code: two to four
    friend_code[friends] = len(VIRAL_REFERRALS) + codes.grouped("referral", groups)
    uses = draws.chance(settings.honest_friend_referral, "friend", number)
    which = draws.below(len(VIRAL_REFERRALS), "honest-viral-which", number)
    rows["referral"][:] = np.where(viral, which, np.where(uses, friend_code, -1))


def _companies(making: Making, rows: Accounts, plan: HonestPlan, private: int) -> None:
    draws, settings, networks = making.draws, making.settings, making.networks
    directory, codes = making.directory, making.codes
    count = plan.counts[COMPANY]
    number, each, which = np.arange(count), np.arange(plan.companies), plan.company
    first = len(directory.organizations)
    for row in range(plan.companies):
        name = company(row)
        directory.add(Organization(name, -1, slug(name) + ".example", "company"))
        directory.add_domain(slug(name) + ".example")
    first_domain = len(directory.domains) - plan.companies
    rows["belongs"][:count] = first + which
    declared = draws.chance(settings.company_declared, "company-declared", number)
    rows["declared"][:count] = np.where(declared, first + which, -1)
    web = draws.chance(80, "company-web-mail", number)
    rows["email"][:count] = np.where(web, rows["email"][:count], first_domain + which)
    one_card = draws.chance(settings.company_one_card, "company-card", each)[which]
    rows["payment"][:count] = np.where(one_card, codes.take("payment", plan.companies) + which, rows["payment"][:count])
    rows["network_first"][:count] = networks.offices + which
    has_template = draws.chance(settings.company_template, "company-template", each)[which]
    rows["template_second"][:count] = np.where(has_template, private + which, -1)
    # One region and, where the hours are regular, one schedule for the whole house.
    region = draws.pick((45, 40, 15), "company-region", each)[which]
    regular = draws.chance(600, "company-regular", each)[which]
    rows["hours"][:count] = region
    rows["schedule"][:count] = np.where(regular, region, -1)
    rows["plan"][:count] = 1 + draws.below(2, "company-plan", each)[which]
    terms = draws.below(1000, "company-terms", each)[which]
    rows["terms"][:count] = np.where(
        terms < settings.regulated, 2, np.where(terms < settings.regulated + settings.zero_retention, 1, 0)
    )


def _households(
    draws: Draws, settings: Settings, directory: Directory, rows: Accounts, sort: Ints, plan: HonestPlan
) -> None:
    where, which, each = np.flatnonzero(sort == HOUSEHOLD), plan.household, np.arange(plan.families)
    first = len(directory.organizations)
    for row in range(plan.families):
        directory.add(Organization(f"Household {row + 1:06d}", -1, "", "household"))
    rows["belongs"][where] = first + which
    head = where[np.searchsorted(which, which)]  # the first member of the family
    one_card = draws.chance(settings.household_one_card, "household-card", each)[which]
    rows["payment"][where] = np.where(one_card, rows["payment"][head], rows["payment"][where])
    one_device = draws.chance(settings.household_one_device, "household-device", each)[which]
    rows["device"][where] = np.where(one_device, rows["device"][head], rows["device"][where])


def _campuses(making: Making, rows: Accounts, sort: Ints, plan: HonestPlan) -> None:
    draws, settings, networks = making.draws, making.settings, making.networks
    directory, codes = making.directory, making.codes
    where = np.flatnonzero(sort == CAMPUS)
    number, low, high = np.arange(len(where)), *networks.campuses
    which = np.sort(draws.below(high - low, "campus", number))
    domains = [
        directory.add_domain(f"{slug(company(row + 40_000)).split('-')[0]}.university.example")
        for row in range(high - low)
    ]
    rows["network_first"][where] = low + which
    rows["email"][where] = np.where(
        draws.chance(600, "campus-mail", number), np.asarray(domains)[which], rows["email"][where]
    )
    kiosk = draws.chance(settings.campus_shared_device, "campus-kiosk", number)
    shared = codes.grouped("device", plan.device_group)
    rows["device"][where] = np.where(kiosk, shared, rows["device"][where])
