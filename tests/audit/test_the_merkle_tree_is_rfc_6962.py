"""The tree hash against the definition in RFC 6962, written out by recursion."""

import hashlib

import pytest

from enforcement.audit.merkle import EMPTY_ROOT, MerkleTree


def _definition(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + _definition(leaves[:split]) + _definition(leaves[split:])).digest()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100])
def test_every_size_has_the_hash_of_the_definition(count: int) -> None:
    leaves = [str(number).encode() for number in range(count)]
    tree = MerkleTree()
    for leaf in leaves:
        tree.add(leaf)
    assert tree.root() == _definition(leaves).hex()


def test_no_leaf_passes_for_a_node_and_order_counts() -> None:
    roots = set()
    for leaves in ([b"a", b"b"], [b"b", b"a"], [b"ab"], [b"a", b"b", b"b"]):
        tree = MerkleTree()
        for leaf in leaves:
            tree.add(leaf)
        roots.add(tree.root())
    assert len(roots | {EMPTY_ROOT}) == 5
