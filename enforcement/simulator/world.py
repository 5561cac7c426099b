"""Puts one world together: settings, scale and seed in; accounts, networks and organizations out."""

from __future__ import annotations

from dataclasses import dataclass

from .accounts import CAMPAIGN, HONEST, Accounts, Codes, Directory
from .campaign import add_campaign_organizations, build_campaign
from .draws import Draws
from .honest import build_honest, plan_honest
from .making import Making
from .names import WEBMAIL
from .networks import Networks, build_networks
from .rings import build_ring, ring_sizes
from .settings import Settings

_LARGEST_SCALE = 100


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
        """Accounts of the campaign, replacements included."""
        return self.count(CAMPAIGN)

    @property
    def honest_accounts(self) -> int:
        """Honest accounts."""
        return self.count(HONEST)


def build_world(settings: Settings, scale: float, seed: int) -> World:
    """Raises ValueError for a scale that gives fewer than ten campaign accounts, or more than 100."""
    smallest = 10 / settings.campaign_accounts_at_scale_1
    if not smallest <= scale <= _LARGEST_SCALE:  # written so that NaN is refused too
        raise ValueError(
            f"Scale {scale:g} is out of range: give {smallest:g} (ten campaign accounts) to {_LARGEST_SCALE}."
        )
    campaign_count = round(settings.campaign_accounts_at_scale_1 * scale)
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
    making = Making(draws, settings, networks, directory, codes)
    parts = [build_campaign(making, campaign_count)]
    parts += [build_ring(making, ring, size) for ring, size in enumerate(sizes, start=1)]
    parts.append(build_honest(making, plan, len(sizes)))
    return World(
        settings=settings,
        draws=draws,
        scale=scale,
        accounts=Accounts.joined(parts),
        networks=networks,
        directory=directory,
        rings=len(sizes),
        campaign_exchanges=round(settings.campaign_exchanges_at_scale_1 * scale),
    )
