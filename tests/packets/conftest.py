"""One key, one built packet and one signed packet for the whole folder: building takes seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from enforcement.packets.building import BuiltPacket, build_packet
from enforcement.packets.document_records import PacketInputs
from enforcement.packets.signing import SigningIdentity, make_signing_key, sign_packet
from tests.packets import sample


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home") / "keys"


@pytest.fixture(scope="session")
def identity(key_folder: Path) -> SigningIdentity:
    return make_signing_key(key_folder, organization="Tallowmere AI, Inc.")


@pytest.fixture(scope="session")
def inputs(identity: SigningIdentity) -> PacketInputs:
    return sample.inputs(400, certificate_sha256=identity.certificate_sha256)


@pytest.fixture(scope="session")
def built(inputs: PacketInputs) -> BuiltPacket:
    return build_packet(inputs)


@pytest.fixture(scope="session")
def signed(built: BuiltPacket, identity: SigningIdentity) -> bytes:
    return sign_packet(built.pdf, identity=identity, reason="Evidence packet PK-2026-0001 version 1")
