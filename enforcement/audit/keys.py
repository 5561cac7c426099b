"""The key that signs seals. Made on this machine at first use; its public half is kept beside it under its own name."""

import contextlib
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings

PRIVATE_NAME = "seal.pem"


def signing_key() -> Ed25519PrivateKey:
    """The private key of `KEYS_ROOT`, made with mode 0600 when there is none. Two first uses end with one key."""
    root = Path(settings.KEYS_ROOT)
    path = root / PRIVATE_NAME
    if not path.exists():
        _make(root, path)
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} is not an Ed25519 key")
    _keep_public(root, key.public_key())
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """The SHA-256 of the raw public key, in hex."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def public_path(identity: str) -> Path:
    """Where the public key of that id is kept."""
    return Path(settings.KEYS_ROOT) / f"seal-{identity[:16]}.pub.pem"


def public_key(identity: str) -> Ed25519PublicKey | None:
    """The public key of that id; none when this machine does not hold it, or holds something else in its place."""
    try:
        key = load_pem_public_key(public_path(identity).read_bytes())
    except (OSError, ValueError):
        return None
    return key if isinstance(key, Ed25519PublicKey) and key_id(key) == identity else None


def signed_by(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is that key's over `message`."""
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _make(root: Path, path: Path) -> None:
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    partial = root / f"{path.name}.{os.getpid()}.partial"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    # A link fails where the name is taken: the first of two makers wins, and both read its key.
    with contextlib.suppress(FileExistsError):
        os.link(partial, path)
    partial.unlink()


def _keep_public(root: Path, key: Ed25519PublicKey) -> None:
    path = public_path(key_id(key))
    if not path.exists():
        partial = root / f"{path.name}.{os.getpid()}.partial"
        partial.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        partial.replace(path)
