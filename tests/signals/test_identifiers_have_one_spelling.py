"""Identifiers are compared by one spelling, and addresses give their network."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcement.signals.identifiers import normalize_identifier, subnet_of


@pytest.mark.parametrize(
    ("kind", "given_value", "expected"),
    [
        ("ip", "198.18.0.1", "198.18.0.1"),
        ("ip", "2001:0DB8::0:1", "2001:db8::1"),
        ("ip", "::ffff:198.18.0.9", "198.18.0.9"),
        ("subnet", "198.18.3.7/24", "198.18.3.0/24"),
        ("asn", "as64512", "AS64512"),
        ("asn", "64512", "AS64512"),
        ("email_domain", "Someone@Mail.Example.", "mail.example"),
        ("phone", "+44 (20) 7946-0000", "+442079460000"),
        ("phone", "ph-3f2a", "ph-3f2a"),
        ("payment", " pf-1 ", "pf-1"),
    ],
)
def test_each_kind_has_one_spelling(kind: str, given_value: str, expected: str) -> None:
    assert normalize_identifier(kind, given_value) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [("ip", "1.2.3"), ("ip", "fe80::1%eth0"), ("ip", "010.1.1.1"), ("asn", "ASX"), ("asn", "4294967296"), ("email_domain", "a b"),
     ("subnet", "x/24"), ("device", " ")],
)  # fmt: skip
def test_what_is_no_such_thing_is_refused_with_the_reason(kind: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        normalize_identifier(kind, value)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str))
def test_a_normalized_address_stays_as_it_is_and_lies_in_its_network(address: str) -> None:
    import ipaddress

    once = normalize_identifier("ip", address)
    assert normalize_identifier("ip", once) == once
    assert ipaddress.ip_address(once) in ipaddress.ip_network(subnet_of(once))
