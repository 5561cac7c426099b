"""The address plan: who is seen from where. Ranges are for private use, tests or documentation only.

10.0.0.0/8 (RFC 1918) offices, campuses, homes; 100.64.0.0/10 (RFC 6598) carriers; 198.18.0.0/15 (RFC 2544) VPN exits
and resale proxies; 2001:db8::/32 (RFC 3849) everything on IPv6. An address is a number: 32 bits for IPv4, and for
IPv6 `2001:db8:<net>::<host>` as 2^40 + net * 2^16 + host, so that a /24 and a /48 come from shifts.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np

from .draws import Draws, Ints
from .names import PROXIES
from .settings import Settings

V6 = 1 << 40
HOME_BLOCK = 200  # households in a block of 256 addresses
_V6_HOMES = 47_000  # 2001:db8::/32 has 65,536 networks of /48; the rest of the homes have IPv4

_Row = tuple[int, int, int, int]  # base, size, autonomous system, lease in days


@dataclass(frozen=True)
class Networks:
    """One row a network. `lease_days`: how long an account keeps its address there (0: new each half day)."""

    base: Ints
    size: Ints
    asn: Ints
    lease_days: Ints
    proxy_first: tuple[int, ...]  # first network of each proxy, then one past the last
    vpn: tuple[int, int]
    carriers: tuple[int, int]
    campuses: tuple[int, int]
    hosting: tuple[int, int]
    offices: int
    homes: int


def scaled_by_root(count_at_scale_1: int, scale: float, smallest: int) -> int:
    """`count_at_scale_1` times the square root of the scale, in integers, at least `smallest`."""
    return max(smallest, isqrt(round(count_at_scale_1 * count_at_scale_1 * scale * 10_000)) // 100)


def _v4(first: int, second: int) -> int:
    return (first << 24) + (second << 16)


def _proxy_ranges(draws: Draws, settings: Settings, scale: float) -> tuple[list[_Row], tuple[int, ...]]:
    """Egress ranges of the resale proxies, and where each proxy's begin."""
    ranges = scaled_by_root(settings.ranges_at_scale_1, scale, 6)
    rows: list[_Row] = []
    firsts = [0]
    for proxy, weight in enumerate(settings.proxy_weights):
        for _ in range(max(1, ranges * weight // sum(settings.proxy_weights))):
            number = len(rows)
            on_v6 = bool(draws.chance(settings.ranges_v6, "range-v6", number)[0])
            base = V6 + ((16 + number) << 16) + 1 if on_v6 else _v4(198, 19) + number * 256 + 8
            rows.append((base, 200, 64512 + min(proxy, len(PROXIES)), 0))
        firsts.append(len(rows))
    return rows, tuple(firsts)


def _crowds(settings: Settings, scale: float, rings: int, honest: int) -> tuple[list[_Row], ...]:
    """VPN exits, carriers, campuses, hosting."""
    pool = max(8, honest * 3 // (10 * settings.carriers * settings.accounts_per_carrier_address))
    exits, campuses = scaled_by_root(24, scale, 4), scaled_by_root(40, scale, 3)
    return (
        [(_v4(198, 18) + i * 256 + 1, 14, 64540 + i % 4, 3) for i in range(exits)],
        [(_v4(100, 64) + i * (1 << 18) + 1, pool, 64560 + i, 1) for i in range(settings.carriers)],
        [(_v4(10, 112) + i * 4096 + 2, 24, 64600 + i, 2) for i in range(campuses)],
        [(_v4(198, 18) + (128 + i % 120) * 256 + 1, 20, 64580 + i % 12, 4) for i in range(rings)],
    )


def build_networks(
    *,
    draws: Draws,
    settings: Settings,
    scale: float,
    companies: int,
    households: int,
    rings: int,
    honest: int,
) -> Networks:
    """Lay out every network; counts come from the population, so that density is alike at every scale."""
    proxies, proxy_first = _proxy_ranges(draws, settings, scale)
    rows, spans = list(proxies), []
    for crowd in _crowds(settings, scale, rings, honest):
        spans.append((len(rows), len(rows) + len(crowd)))
        rows += crowd
    head = np.array(rows, dtype=np.int64)
    office = np.arange(companies)
    blocks = np.arange(-(-households // HOME_BLOCK))
    v6_block = (blocks % 5 == 4) & (blocks * HOME_BLOCK < _V6_HOMES)
    home_base = np.where(v6_block, V6 + ((0x1000 + blocks * 256) << 16) + 1, _v4(10, 128) + blocks * 256)
    return Networks(
        base=np.concatenate([head[:, 0], _v4(10, 0) + office * 256 + 10, home_base]),
        size=np.concatenate([head[:, 1], 1 + draws.below(3, "office-size", office), np.full(len(blocks), 256)]),
        asn=np.concatenate([head[:, 2], 64900 + office % 10, 64900 + blocks % 10]),
        lease_days=np.concatenate([head[:, 3], np.full(companies, 60), np.full(len(blocks), 14)]),
        proxy_first=proxy_first,
        vpn=spans[0],
        carriers=spans[1],
        campuses=spans[2],
        hosting=spans[3],
        offices=len(head),
        homes=len(head) + companies,
    )


def addresses(
    networks: Networks, draws: Draws, network: Ints, account: Ints, slot: Ints, *, day: int, half: int
) -> Ints:
    """Address of each account on a day and half of it. Homes (slot >= 0) move together within their block."""
    lease = networks.lease_days[network]
    epoch = np.where(lease == 0, day * 2 + half, day // np.maximum(lease, 1))
    pooled = draws.below(networks.size[network], "address", account, network, epoch)
    at_home = (slot >= 0) & (network >= networks.homes)
    place = np.where(at_home, (slot + 7 * epoch) % 256, pooled)
    base = networks.base[network]
    # A household on IPv6 has a network of its own; all others are hosts of theirs.
    return base + np.where(at_home & (base >= V6), place << 16, place)
