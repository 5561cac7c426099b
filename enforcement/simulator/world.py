"""Puts one world together: settings, scale and seed in; accounts, networks and organizations out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .accounts import CAMPAIGN, HONEST, Accounts, Codes, Directory
from .campaign import add_campaign_organizations, build_campaign
from .draws import Draws
from .honest import build_honest, plan_honest
from .names import WEBMAIL
from .networks import Networks, build_networks
from .rings import build_ring, ring_sizes
from .settings import Settings


@dataclass(frozen=True)
class World:
    """Everything that is fixed before the first day."""

    settings: Settings
    draws: Draws
    scale: float
    accounts: Accounts
    networks: Networks
    directory: Directory
    rings: int
    campaign_exchanges: int

    def count(self, group: int) -> int:
        """Accounts of CAMPAIGN, RING or HONEST."""
        return int((self.accounts["group"] == group).sum())

    @property
    def campaign_accounts(self) -> int:
        return self.count(CAMPAIGN)

    @property
    def honest_accounts(self) -> int:
        return self.count(HONEST)


def build_world(settings: Settings, scale: float, seed: int) -> World:
    """Raises ValueError for a scale that gives fewer than ten campaign accounts, or more than 100."""
    campaign_count = round(settings.campaign_accounts_at_scale_1 * scale)
    if campaign_count < 10 or scale > 100:
        smallest = 10 / settings.campaign_accounts_at_scale_1
        raise ValueError(
            f"Scale {scale:g} is out of range: give {smallest:g} (ten campaign accounts) to 100."
        )
    draws, codes, directory = Draws(seed), Codes(), Directory()
    honest_count = max(settings.honest_minimum, round(settings.honest_per_campaign_account * campaign_count))
    plan = plan_honest(draws, settings, honest_count)
    sizes = ring_sizes(draws, settings, scale)
    networks = build_networks(
        draws=draws,
        settings=settings,
        scale=scale,
        companies=plan.companies,
        households=plan.households,
        rings=len(sizes),
        honest=honest_count,
    )
    for domain in WEBMAIL:
        directory.add_domain(domain)
    add_campaign_organizations(directory, campaign_count)
    parts = [build_campaign(draws, settings, networks, directory, codes, campaign_count)]
    parts += [
        build_ring(draws, settings, networks, directory, codes, ring, size)
        for ring, size in enumerate(sizes, start=1)
    ]
    parts.append(build_honest(draws, settings, networks, directory, codes, plan, len(sizes)))
    accounts = Accounts.joined(parts)
    assert int(accounts["network_first"].min()) >= 0 and np.all(accounts["network_span"] >= 1)
    return World(
        settings=settings,
        draws=draws,
        scale=scale,
        accounts=accounts,
        networks=networks,
        directory=directory,
        rings=len(sizes),
        campaign_exchanges=round(settings.campaign_exchanges_at_scale_1 * scale),
    )
