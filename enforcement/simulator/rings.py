"""Smaller abuse rings that have nothing to do with the campaign or with each other."""

from __future__ import annotations

import numpy as np

from .accounts import RING, Accounts, Organization
from .draws import Draws
from .making import Making
from .names import CAMPAIGN_TEMPLATES, POPULAR_TEMPLATES, WEBMAIL_WEIGHTS, shell, slug
from .schedules import FIRST_RING
from .settings import Settings

FIRST_RING_TEMPLATE = POPULAR_TEMPLATES + CAMPAIGN_TEMPLATES


def ring_sizes(draws: Draws, settings: Settings, scale: float) -> list[int]:
    """Accounts of each ring."""
    count = settings.rings_minimum + round(settings.rings_at_scale_1 * min(scale, 1.0))
    largest = settings.ring_largest if scale >= 0.05 else settings.ring_largest_small_scale
    spread = largest - settings.ring_smallest + 1
    return [settings.ring_smallest + int(size) for size in draws.below(spread, "ring-size", np.arange(count))]


def build_ring(making: Making, ring: int, count: int) -> Accounts:
    """Ring number `ring` (from 1): shared cards and devices, two templates and six working hours of its own."""
    draws, settings, directory = making.draws, making.settings, making.directory
    rows, number = Accounts.blank(count), np.arange(count)
    name = shell(100_000 + ring * 13)
    organization = directory.add(Organization(name, -1, slug(name) + ".example", "shell"))
    domain = directory.add_domain(slug(name) + ".example")
    rows["group"][:], rows["ring"][:], rows["belongs"][:] = RING, ring, organization
    rows["created_day"][:] = -1 - draws.below(settings.youngest_campaign_days - 2, "ring-created", number, ring)
    rows["weight"][:] = 8 + draws.below(30, "ring-weight", number, ring)
    rows["weekday"][:], rows["weekend"][:] = 800, 650
    alone = settings.ring_payment_unshared
    rows["payment"][:] = making.shared("payment", count, (2, 4), alone=alone, stream=f"ring-payment-{ring}")
    device = making.shared("device", count, (2, 5), alone=400, stream=f"ring-device-{ring}")
    rows["device"][draws.order(count, f"ring-order-{ring}")] = device
    web = draws.pick(WEBMAIL_WEIGHTS, "ring-webmail", number, ring)
    rows["email"][:] = np.where(draws.chance(500, "ring-email", number, ring), web, domain)
    _place_ring(making, rows, ring)
    rows["template_first"][:] = FIRST_RING_TEMPLATE + 2 * (ring - 1)
    rows["template_second"][:] = FIRST_RING_TEMPLATE + 2 * (ring - 1) + 1
    rows["popular_permille"][:] = 250
    rows["schedule"][:] = np.where(draws.chance(800, "ring-schedule", number, ring), FIRST_RING + ring, -1)
    rows["hours"][:] = FIRST_RING + ring
    rows["declared"][:] = np.where(draws.chance(500, "ring-declared", number, ring), organization, -1)
    return rows


def _place_ring(making: Making, rows: Accounts, ring: int) -> None:
    draws, networks, number = making.draws, making.networks, np.arange(len(rows))
    low, high = networks.vpn if ring <= making.settings.rings_on_vpn else networks.hosting
    rows["network_first"][:] = low + (ring - 1) % (high - low)
    first, last = networks.carriers
    rows["network_alternate"][:] = first + draws.below(last - first, "ring-carrier", number, ring)
    rows["alternate_permille"][:] = 80
