"""Merkle tree hash of RFC 6962, section 2.1, over leaves that arrive one by one."""

import hashlib

EMPTY_ROOT = hashlib.sha256(b"").hexdigest()


class MerkleTree:
    """Keeps one hash for each perfect subtree: memory grows with the logarithm of the leaves.

    Leaves are hashed with the prefix 0x00 and nodes with 0x01, so that neither can pass for the other.
    """

    def __init__(self) -> None:
        self._subtrees: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Append one leaf."""
        size, digest = 1, hashlib.sha256(b"\x00" + leaf).digest()
        while self._subtrees and self._subtrees[-1][0] == size:
            _, left = self._subtrees.pop()
            size, digest = size * 2, _node(left, digest)
        self._subtrees.append((size, digest))

    def root(self) -> str:
        """The tree hash of all leaves so far, in hex; of none, the hash of nothing."""
        if not self._subtrees:
            return EMPTY_ROOT
        *left, (_, digest) = self._subtrees
        for _, subtree in reversed(left):
            digest = _node(subtree, digest)
        return digest.hex()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
