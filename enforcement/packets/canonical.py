"""The one byte form of a packet's inputs, and the digest that stands on its cover.

The digest covers the data, the template files, the fonts' version (they come inside the typst wheel) and the
packet format, so that equal digests mean equal bytes before signing.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

import msgspec

from enforcement.packets.document_records import PacketInputs
from enforcement.packets.errors import IncompletePacketError

FORMAT = "dossier-packet/1"
TEMPLATE_FOLDER = Path(__file__).resolve().parents[2] / "templates" / "packets"


def encode_inputs(inputs: PacketInputs) -> bytes:
    """Canonical JSON (UTF-8, sorted keys, no spaces): what the packet row keeps.

    Encoded twice, since Python lets a whole number stand where the type says float: `4` and `4.0` are equal,
    yet would give two digests.
    """
    return msgspec.json.encode(decode_inputs(msgspec.json.encode(inputs, order="sorted")), order="sorted")


def decode_inputs(content: bytes) -> PacketInputs:
    """The inverse of `encode_inputs`; IncompletePacketError when the bytes are not packet inputs."""
    try:
        return msgspec.json.decode(content, type=PacketInputs)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise IncompletePacketError("inputs_unreadable", f"The stored packet inputs are damaged: {error}.") from error


def template_files() -> list[Path]:
    """The Typst sources that a packet is set from, in a fixed order."""
    return sorted(TEMPLATE_FOLDER.glob("*.typ"))


def typst_version() -> str:
    """The version of the Typst wheel, and so of the fonts inside it."""
    return version("typst")


def inputs_digest(inputs: PacketInputs) -> str:
    """SHA-256, lower-case hex, over data, templates, the version of Typst with its fonts, and profile."""
    digest = hashlib.sha256()
    parts = [FORMAT.encode(), typst_version().encode(), inputs.cover.profile.encode(), encode_inputs(inputs)]
    parts += [path.read_bytes() for path in template_files()]
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
