"""Identifiers made comparable: one spelling for each thing, by kind. What is linked and counted is this spelling."""

import ipaddress
import re

_DOMAIN = re.compile(r"[^\s@/:]{1,253}")
_PHONE_PUNCTUATION = re.compile(r"[\s().\-/]+")
_E164 = re.compile(r"\+?[0-9]{6,15}")

IPV4_SUBNET_BITS = 24
IPV6_SUBNET_BITS = 48


def normalize_identifier(kind: str, value: str) -> str:
    """`value` as it is compared. Raises ValueError with the reason, in words that follow the value in a sentence."""
    text = value.strip(" ")
    if not text:
        raise ValueError("is empty")
    normalizer = _NORMALIZERS.get(kind)
    return normalizer(text) if normalizer else text


def subnet_of(address: str) -> str:
    """The /24 (IPv4) or /48 (IPv6) network of a normalized address."""
    bits = IPV6_SUBNET_BITS if ":" in address else IPV4_SUBNET_BITS
    return str(ipaddress.ip_network((address, bits), strict=False))


def _ip(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise ValueError("is not an IPv4 or IPv6 address") from None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            raise ValueError("carries a zone, which means nothing outside its own machine")
        return str(address.ipv4_mapped or address)
    return str(address)


def _subnet(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise ValueError("is not a network in CIDR form") from None


def _asn(text: str) -> str:
    digits = text.upper().removeprefix("AS").strip()
    if not (digits.isascii() and digits.isdigit()) or int(digits) > 2**32 - 1:
        raise ValueError("is not an autonomous system number")
    return f"AS{int(digits)}"


def _email_domain(text: str) -> str:
    # A whole address is not kept: only its domain is an identifier.
    domain = text.rsplit("@", 1)[-1].rstrip(".").lower()
    if not _DOMAIN.fullmatch(domain):
        raise ValueError("is not a domain name")
    return domain


def _phone(text: str) -> str:
    bare = _PHONE_PUNCTUATION.sub("", text)
    if _E164.fullmatch(bare):
        return bare if bare.startswith("+") else f"+{bare}"
    return text  # a keyed hash of a number


_NORMALIZERS = {"ip": _ip, "subnet": _subnet, "asn": _asn, "email_domain": _email_domain, "phone": _phone}
NORMALIZED_KINDS = tuple(_NORMALIZERS)
