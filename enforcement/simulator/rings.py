"""Smaller abuse rings that have nothing to do with the campaign or with each other."""

from __future__ import annotations

import numpy as np

from .accounts import RING, Accounts, Codes, Directory, Organization, shared_codes
from .draws import Draws
from .names import CAMPAIGN_TEMPLATES, POPULAR_TEMPLATES, WEBMAIL_WEIGHTS, shell, slug
from .networks import Networks
from .schedules import FIRST_RING
from .settings import Settings

FIRST_RING_TEMPLATE = POPULAR_TEMPLATES + CAMPAIGN_TEMPLATES


def ring_sizes(draws: Draws, settings: Settings, scale: float) -> list[int]:
    """Accounts of each ring."""
    count = settings.rings_minimum + round(settings.rings_at_scale_1 * min(scale, 1.0))
    largest = settings.ring_largest if scale >= 0.05 else settings.ring_largest_small_scale
    spread = largest - settings.ring_smallest + 1
    return [settings.ring_smallest + int(size) for size in draws.below(spread, "ring-size", np.arange(count))]


def build_ring(
    draws: Draws,
    settings: Settings,
    networks: Networks,
    directory: Directory,
    codes: Codes,
    ring: int,
    count: int,
) -> Accounts:
    """Ring number `ring` (from 1): shared cards and devices, two templates and six working hours of its own."""
    rows, number = Accounts.blank(count), np.arange(count)
    name = shell(100_000 + ring * 13)
    organization = directory.add(Organization(name, -1, slug(name) + ".example", "shell"))
    domain = directory.add_domain(slug(name) + ".example")
    rows["group"][:], rows["ring"][:], rows["belongs"][:] = RING, ring, organization
    rows["created_day"][:] = -1 - draws.below(
        settings.youngest_campaign_days - 2, "ring-created", number, ring
    )
    rows["weight"][:] = 8 + draws.below(30, "ring-weight", number, ring)
    rows["weekday"][:], rows["weekend"][:] = 800, 650
    rows["payment"][:] = shared_codes(
        draws, codes, "payment", count, (2, 4), settings.ring_payment_unshared, f"ring-payment-{ring}"
    )
    device = shared_codes(draws, codes, "device", count, (2, 5), 400, f"ring-device-{ring}")
    rows["device"][draws.order(count, f"ring-order-{ring}")] = device
    web = draws.pick(WEBMAIL_WEIGHTS, "ring-webmail", number, ring)
    rows["email"][:] = np.where(draws.chance(500, "ring-email", number, ring), web, domain)
    low, high = networks.vpn if ring <= settings.rings_on_vpn else networks.hosting
    main = low + (ring - 1) % (high - low)
    rows["network_first"][:] = main
    carrier = networks.carriers[0] + draws.below(
        networks.carriers[1] - networks.carriers[0], "ring-carrier", number, ring
    )
    rows["network_alternate"][:], rows["alternate_permille"][:] = carrier, 80
    rows["template_first"][:] = FIRST_RING_TEMPLATE + 2 * (ring - 1)
    rows["template_second"][:] = FIRST_RING_TEMPLATE + 2 * (ring - 1) + 1
    rows["popular_permille"][:] = 250
    rows["schedule"][:] = np.where(draws.chance(800, "ring-schedule", number, ring), FIRST_RING + ring, -1)
    rows["hours"][:] = FIRST_RING + ring
    rows["declared"][:] = np.where(draws.chance(500, "ring-declared", number, ring), organization, -1)
    return rows
