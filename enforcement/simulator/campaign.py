"""The campaign: one laboratory behind resale proxies, its accounts, and their replacements."""

from __future__ import annotations

import numpy as np

from .accounts import CAMPAIGN, Accounts, Directory, Organization
from .draws import Draws, Ints
from .making import Making
from .names import (
    CAMPAIGN_TEMPLATES,
    LABORATORY,
    LABORATORY_PARENT,
    POPULAR_TEMPLATES,
    PROXIES,
    TEAMS,
    VIRAL_REFERRALS,
    WEBMAIL_WEIGHTS,
    shell,
    slug,
)
from .schedules import CAMPAIGN_SHIFTS
from .settings import Settings


def add_campaign_organizations(directory: Directory, accounts: int) -> None:
    """Parent, laboratory, proxies, shells: rows 0, 1, 2-5, and from 6 on. A tenth of the shells name the laboratory."""
    parent = directory.add(Organization(LABORATORY_PARENT, -1, slug(LABORATORY_PARENT) + ".example", "parent"))
    lab = directory.add(Organization(LABORATORY, parent, slug(LABORATORY) + ".example", "laboratory"))
    for name in PROXIES:
        directory.add(Organization(name, -1, slug(name) + ".example", "proxy"))
    for number in range(shell_count(accounts)):
        name = shell(number)
        directory.add(Organization(name, lab if number % 10 == 3 else -1, slug(name) + ".example", "shell"))


def shell_count(accounts: int) -> int:
    """Shell organizations of the campaign: one for about 60 accounts, at least 6."""
    return max(6, accounts // 60)


def build_campaign(making: Making, count: int) -> Accounts:
    """`count` accounts in all, replacements included."""
    draws, settings = making.draws, making.settings
    rows = Accounts.blank(count)
    replacements = count * settings.churn // 1000
    slots = count - replacements
    place = np.arange(slots)
    replaced = draws.order(slots, "replaced")[:replacements]
    seat = np.concatenate([place, replaced])  # a replacement sits where the ended account sat
    rows["group"][:], rows["ring"][:], rows["belongs"][:] = CAMPAIGN, 0, 1
    rows["created_day"][:slots] = -1 - draws.below(settings.youngest_campaign_days - 2, "campaign-created", place)
    ended = 6 + draws.below(settings.days - 12, "campaign-ended", replaced)
    rows["ended_day"][replaced] = ended
    rows["created_day"][slots:] = ended + draws.below(2, "campaign-gap", replaced)
    _draw_volume(draws, settings, rows)
    proxy = np.sort(draws.pick(settings.proxy_weights, "proxy", place))[seat]
    _place_on_networks(making, rows, proxy, seat)
    _give_work(draws, settings, rows, seat)
    _give_instruments(making, rows, slots)
    _give_referrals(making, rows)
    _give_names(making, rows, proxy)
    return rows


def _draw_volume(draws: Draws, settings: Settings, rows: Accounts) -> None:
    number = np.arange(len(rows))
    quiet = draws.chance(settings.quiet, "quiet", number)
    rows["weight"][:] = np.where(
        quiet, 3 + draws.below(3, "quiet-weight", number), 18 + draws.below(25, "weight", number)
    )
    rows["weekday"][:] = np.where(quiet, 350, settings.weekday_active)
    rows["weekend"][:] = np.where(quiet, 250, settings.weekend_active)
    rows["plan"][:] = draws.pick((60, 30, 10), "campaign-plan", number)


def _place_on_networks(making: Making, rows: Accounts, proxy: Ints, seat: Ints) -> None:
    draws, settings, networks = making.draws, making.settings, making.networks
    number = np.arange(len(rows))
    first = np.asarray(networks.proxy_first)
    rows["network_first"][:] = first[proxy]
    rows["network_span"][:] = first[proxy + 1] - first[proxy]
    rows["network_offset"][:] = draws.below(rows["network_span"], "range", seat)
    choice = draws.below(1000, "alternate-kind", number)
    edges = np.cumsum([settings.campaign_vpn, settings.campaign_carrier, settings.campaign_office])
    crowd = draws.chance(500, "office-or-campus", number)
    spans = (networks.vpn, networks.carriers, networks.campuses, (networks.offices, networks.homes))
    kind = np.where(choice < edges[0], 0, np.where(choice < edges[1], 1, np.where(crowd, 2, 3)))
    low = np.asarray([span[0] for span in spans])[kind]
    high = np.asarray([span[1] for span in spans])[kind]
    some = choice < edges[2]
    rows["network_alternate"][:] = np.where(some, low + draws.below(high - low, "alternate", number), -1)
    rows["alternate_permille"][:] = np.where(some, settings.campaign_alternate_day, 0)


def _give_work(draws: Draws, settings: Settings, rows: Accounts, seat: Ints) -> None:
    """Teams own three templates each; the last two templates go through all teams."""
    team = draws.below(TEAMS, "team", seat)
    private = POPULAR_TEMPLATES + team * 3
    rows["template_first"][:] = private + draws.below(3, "first-template", seat)
    rows["template_second"][:] = private + draws.below(3, "second-template", seat)
    common = POPULAR_TEMPLATES + TEAMS * 3 + draws.below(CAMPAIGN_TEMPLATES - TEAMS * 3, "third-template", seat)
    rows["template_third"][:] = common
    rows["popular_permille"][:] = settings.popular_template_day
    shift = draws.pick((40, 35, 25), "shift", seat)
    rows["schedule"][:] = np.asarray(CAMPAIGN_SHIFTS)[shift]
    rows["hours"][:] = rows["schedule"]


def _give_instruments(making: Making, rows: Accounts, slots: int) -> None:
    """Payment, devices, phones. Originals and replacements pay apart: who comes back has another instrument."""
    draws, settings, count, number = making.draws, making.settings, len(rows), np.arange(len(rows))
    payments = [
        making.shared("payment", part, settings.payment_group, alone=settings.payment_unshared, stream=stream)
        for part, stream in ((slots, "payment"), (count - slots, "payment-again"))
    ]
    rows["payment"][:] = np.concatenate(payments)
    mixed = draws.order(count, "device-order")  # across payment groups, so that devices tie those together
    alone = 1000 - settings.device_shared * 1000 // (1000 - settings.device_absent)
    devices = making.shared("device", count, settings.device_group, alone=alone, stream="device")
    rows["device"][mixed] = np.where(draws.chance(settings.device_absent, "no-device", number), -1, devices)
    phones = making.shared("phone", count, (2, 4), alone=1000 - settings.phone_shared, stream="phone")
    rows["phone"][:] = np.where(draws.chance(settings.phone_given, "phone-given", number), phones, -1)


def _give_referrals(making: Making, rows: Accounts) -> None:
    draws, settings, number = making.draws, making.settings, np.arange(len(rows))
    groups = draws.groups(len(rows), *settings.referral_group, "referral")
    own = len(VIRAL_REFERRALS) + making.codes.grouped("referral", groups)
    viral = draws.chance(settings.campaign_viral_referral, "viral", number)
    codes = np.where(viral, draws.below(len(VIRAL_REFERRALS), "viral-which", number), own)
    rows["referral"][:] = np.where(draws.chance(settings.campaign_referral, "referred", number), codes, -1)


def _give_names(making: Making, rows: Accounts, proxy: Ints) -> None:
    """E-mail domains and declared organizations; accounts on one instrument declare one shell."""
    draws, settings, directory = making.draws, making.settings, making.directory
    count, number = len(rows), np.arange(len(rows))
    throwaway = draws.groups(count, *settings.throwaway_domain_group, "throwaway")
    first_domain = len(directory.domains)
    for group in range(int(throwaway.max()) + 1):
        directory.add_domain(f"{slug(shell(group * 7 + 500))}-mail.example")
    proxy_domain = len(directory.domains)
    for name in PROXIES:
        directory.add_domain(f"{slug(name)}.example")
    at_proxy = np.where(proxy < len(PROXIES), proxy_domain + proxy, 0)
    web = draws.pick(WEBMAIL_WEIGHTS, "webmail", number)
    rows["email"][:] = np.choose(
        draws.pick(settings.email_weights, "email", number), [web, first_domain + throwaway, at_proxy]
    )
    shells = 6 + draws.below(shell_count(count), "shell", rows["payment"])
    nobody, laboratory = np.full(count, -1), np.full(count, 1)
    resold = np.where(proxy < len(PROXIES), 2 + proxy, -1)
    rows["declared"][:] = np.choose(
        draws.pick(settings.declared_weights, "declared", number), [shells, resold, laboratory, nobody]
    )
