"""Codes to text, column-wise: the strings that rows are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .draws import Bits, Draws, Ints
from .names import VIRAL_REFERRALS
from .networks import V6
from .schedules import schedule_name
from .world import World

_HEX = np.array([f"{byte:02x}".encode() for byte in range(256)])
_OCTETS = pa.array([str(byte) for byte in range(256)])
_GROUPS = pa.array([f"{group:x}" for group in range(65_536)])
_SECONDS = pa.array([f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}Z" for s in range(86_400)])
PHONES = 80_000  # +1 NXX 555 01XX is set aside for fiction: 800 area codes of 100 numbers


def hex_text(bits: Bits, digits: int, prefix: str) -> pa.StringArray:
    """`prefix` and the first `digits` (even) hexadecimal digits of each number."""
    octets = bits.byteswap().view(np.uint8).reshape(-1, 8)[:, : digits // 2]
    packed = np.ascontiguousarray(_HEX[octets]).view(f"S{digits}").reshape(-1)
    return pc.binary_join_element_wise(prefix, pa.array(packed).cast(pa.string()), "")


def masked(texts: pa.StringArray, keep: Ints | np.ndarray) -> pa.StringArray:
    """`texts` with null where `keep` is false."""
    return pc.if_else(pa.array(np.asarray(keep, dtype=bool)), texts, pa.scalar(None, pa.string()))


def address_text(code: Ints) -> pa.StringArray:
    """Addresses in the form that `str(ipaddress.ip_address(...))` gives."""
    on_v6 = code >= V6
    four = np.where(on_v6, 0, code)
    parts = [_OCTETS.take(pa.array((four >> shift) & 255)) for shift in (24, 16, 8, 0)]
    result = pc.binary_join_element_wise(*parts, ".")
    if not on_v6.any():
        return result
    net, host = _GROUPS.take(pa.array((code >> 16) & 0xFFFF)), _GROUPS.take(pa.array(code & 0xFFFF))
    six = pc.binary_join_element_wise("2001:db8", net, pc.binary_join_element_wise("", host, ":"), ":")
    return pc.if_else(pa.array(on_v6), six, result)


def subnet_of(address: Ints) -> Ints:
    """Code of the /24 (IPv4) or /48 (IPv6) of an address."""
    return np.where(address >= V6, (address >> 16) << 16, (address >> 8) << 8)


def subnet_text(code: int) -> str:
    """A /24 or /48 as text, from the code of its first address."""
    if code >= V6:
        return f"2001:db8:{(code >> 16) & 0xFFFF:x}::/48"
    return f"{code >> 24}.{(code >> 16) & 255}.{(code >> 8) & 255}.0/24"


def times_text(date: str, seconds: Ints) -> pa.StringArray:
    """RFC 3339 times in UTC on `date` (YYYY-MM-DD) from seconds of the day, 0..86,399."""
    return pc.binary_join_element_wise(date, _SECONDS.take(pa.array(seconds)), "")


def template_name(code: int) -> str:
    """Name of a template, such as T-1184; numbers stand for nothing."""
    return f"T-{1184 + code * 7}"


def _account_names(draws: Draws, count: int) -> pa.StringArray:
    number, salt = np.arange(count), np.zeros(count, dtype=np.int64)
    while True:
        bits = draws.bits("account", number, salt) >> np.uint64(16) << np.uint64(16)
        _, first = np.unique(bits, return_index=True)
        if len(first) == count:
            return hex_text(bits, 12, "ac-")
        again = np.ones(count, dtype=bool)
        again[first] = False
        salt[again] += 1


def _phones(draws: Draws, codes: Ints) -> pa.StringArray:
    _, dense = np.unique(codes, return_inverse=True)
    has = (codes >= 0) & (dense < PHONES)
    place = (np.where(has, dense, 0) * 30_011 + int(draws.below(PHONES, "phone-start")[0])) % PHONES
    area = pa.array(200 + place // 100).cast(pa.string())
    last = pc.utf8_lpad(pa.array(place % 100).cast(pa.string()), 2, "0")
    return masked(pc.binary_join_element_wise("+1", area, "55501", last, ""), has)


@dataclass(frozen=True)
class Texts:
    """What stays with an account, one string an account (null: none), and names by code."""

    account: pa.StringArray
    payment: pa.StringArray
    device: pa.StringArray
    phone: pa.StringArray
    email: pa.StringArray
    referral: pa.StringArray
    template: pa.StringArray
    schedule: pa.StringArray
    asn: pa.StringArray

    @staticmethod
    def of(world: World) -> Texts:
        """All strings of a world: about 150 bytes an account."""
        accounts, draws = world.accounts, world.draws
        referral = accounts["referral"]
        viral = pa.array(VIRAL_REFERRALS).take(pa.array(np.clip(referral, 0, len(VIRAL_REFERRALS) - 1)))
        own = hex_text(draws.bits("referral-text", referral), 12, "rf-")
        codes = pc.if_else(pa.array(referral < len(VIRAL_REFERRALS)), viral, own)
        device = hex_text(draws.bits("device-text", accounts["device"]), 16, "dv-")
        templates = 1 + max(int(accounts[f"template_{name}"].max()) for name in ("first", "second", "third"))
        return Texts(
            account=_account_names(draws, len(accounts)),
            payment=hex_text(draws.bits("payment-text", accounts["payment"]), 16, "pf-"),
            device=masked(device, accounts["device"] >= 0),
            phone=_phones(draws, accounts["phone"]),
            email=pa.array(world.directory.domains).take(pa.array(accounts["email"])),
            referral=masked(codes, referral >= 0),
            template=pa.array([template_name(code) for code in range(templates)]),
            schedule=pa.array([schedule_name(code) for code in range(int(accounts["schedule"].max()) + 1)]),
            asn=pa.array([f"AS{number}" for number in world.networks.asn]),
        )


def named(names: pa.StringArray, codes: Ints) -> pa.StringArray:
    """Name of each code; null for -1."""
    return names.take(pa.array(codes, mask=codes < 0))
