"""What can stop a packet from being built or read, each with a code and one sentence for a person."""

from __future__ import annotations


class PacketError(Exception):
    """`code` is stable and for machines; `message` is one sentence for a person that says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class IncompletePacketError(PacketError):
    """The inputs cannot make an honest packet: a number without a source, a case without evidence."""


class TypesettingError(PacketError):
    """Typst refused the document or ran out of its time or memory."""


class SigningError(PacketError):
    """No usable key, or the time-stamp authority did not answer."""


class UnreadablePacketError(PacketError):
    """The file given to the verifier is not a packet at all."""
