"""Check a packet with nothing but the file: no database, no server, no network.

Every check has a name and a sentence. The first ones cover each byte of the file (`container`), so that one
flipped bit anywhere fails; the later ones compare what is inside with what the manifest says. Without a
trusted certificate the verdict is "intact, signer not established": anyone can make a key.
"""

from __future__ import annotations

import hashlib
import io
import json
import stat
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from enforcement.packets.container import Sealed, open_container
from enforcement.packets.errors import UnreadablePacketError
from enforcement.packets.hole import ContainerError, find_hole
from enforcement.packets.signing import FIELD_NAME
from enforcement.packets.verdicts import CHANGED, INTACT, INTACT_UNKNOWN, OTHER_SIGNER, UNSIGNED, Check, VerifyReport

MANIFEST_NAME = "manifest.json"
MANIFEST_KEYWORD = "dossier-manifest-sha256:"
LARGEST_BYTES = 2 * 1024**3
LARGEST_ATTACHMENT_BYTES = 512 * 1024**2

_NAMES = (
    "signature container",
    "whole file covered",
    "one revision",
    "manifest",
    "attached files",
    "signer",
)


class _CheckFailedError(Exception):
    """A check failed; its sentence."""


def read_file(path: Path) -> bytes:
    """The bytes of a packet; UnreadablePacketError with one sentence for anything that is no readable file."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise UnreadablePacketError("directory", f"{path} is a directory: give the PDF file of a packet.")
        if not stat.S_ISREG(status.st_mode):
            raise UnreadablePacketError("not_a_file", f"{path} is not a regular file: give the PDF file of a packet.")
        if status.st_size == 0:
            raise UnreadablePacketError("empty", f"{path} is empty: fetch the packet again.")
        if status.st_size > LARGEST_BYTES:
            raise UnreadablePacketError("too_large", f"{path} is larger than any packet (2 GiB).")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadablePacketError("missing", f"There is no file {path}.") from error
    except OSError as error:
        raise UnreadablePacketError("unreadable", f"{path} cannot be read: {error.strerror}.") from error


def load_certificate(content: bytes) -> x509.Certificate:
    """A certificate from PEM or DER; UnreadablePacketError for anything else."""
    try:
        if b"-----BEGIN" in content:
            return x509.load_pem_x509_certificate(content)
        return x509.load_der_x509_certificate(content)
    except ValueError as error:
        raise UnreadablePacketError("trust", "The file given to --trust is not a certificate (PEM or DER).") from error


def _attachments(reader: PdfFileReader) -> dict[str, bytes]:
    """Attached files by name, from the name tree; a name that stands twice fails."""
    out: dict[str, bytes] = {}
    pending = [reader.root["/Names"]["/EmbeddedFiles"]]
    visited = 0
    while pending:
        node = pending.pop()
        visited += 1
        if visited > 1000:
            raise _CheckFailedError("The list of attached files does not end.")
        kids = node.get("/Kids", ())
        pending += [kids[position] for position in range(len(kids))]
        pairs = node.get("/Names", ())
        for position in range(1, len(pairs), 2):
            spec = pairs[position]
            name = str(spec["/UF"] if "/UF" in spec else spec["/F"])
            if name in out:
                raise _CheckFailedError(f"Two attached files are called {name}.")
            out[name] = spec["/EF"]["/F"].data
            if len(out[name]) > LARGEST_ATTACHMENT_BYTES:
                raise _CheckFailedError(f"The attached file {name} is too large to check.")
    return out


def _check_revision(reader: PdfFileReader, start: int, end: int) -> str:
    """The one signature is the one that was checked, it certifies the document, and nothing came after it."""
    found = list(reader.embedded_signatures)
    if len(found) != 1:
        raise _CheckFailedError(f"The file has {len(found)} signatures instead of one.")
    signature = found[0]
    ranges = [int(value) for value in signature.byte_range]
    if ranges[1] != start or ranges[2] != end or signature.field_name != FIELD_NAME:
        raise _CheckFailedError("The signature that a reader shows is not the one in the signed range.")
    if reader.xrefs.total_revisions != signature.signed_revision + 1:
        raise _CheckFailedError("The file was changed after it was signed.")
    permission = signature.docmdp_level
    if permission is None or permission.value != 1:
        raise _CheckFailedError("The signature does not certify the document as final.")
    return "one certifying signature; no change is allowed after it and none was made"


def _keyword(reader: PdfFileReader) -> str:
    words = str(reader.trailer["/Info"]["/Keywords"])
    found = [word.strip(" ,") for word in words.split() if word.startswith(MANIFEST_KEYWORD)]
    if len(found) != 1:
        raise _CheckFailedError("The file does not name the hash of its manifest: it is not a packet of this product.")
    return found[0].removeprefix(MANIFEST_KEYWORD)


def _check_manifest(reader: PdfFileReader, files: dict[str, bytes]) -> tuple[dict[str, Any], str]:
    if MANIFEST_NAME not in files:
        raise _CheckFailedError("The packet carries no manifest.json.")
    digest = hashlib.sha256(files[MANIFEST_NAME]).hexdigest()
    if digest != _keyword(reader):
        raise _CheckFailedError("manifest.json does not have the hash that the document names.")
    try:
        body = json.loads(files[MANIFEST_NAME])
        if body["format"] != "dossier-manifest/1" or not isinstance(body["files"], list):
            raise _CheckFailedError("manifest.json is of another format.")
    except (ValueError, KeyError, TypeError) as error:
        raise _CheckFailedError("manifest.json cannot be read.") from error
    return body, f"manifest.json has the SHA-256 that the document names: {digest}"


def _check_files(body: dict[str, Any], files: dict[str, bytes]) -> str:
    listed = {str(entry["path"]): entry for entry in body["files"]}
    extra = sorted(set(files) - set(listed) - {MANIFEST_NAME})
    missing = sorted(set(listed) - set(files))
    if extra or missing or len(listed) != len(body["files"]):
        raise _CheckFailedError(
            f"Attached files and manifest differ: {', '.join(extra + missing) or 'a file is listed twice'}."
        )
    for name, entry in listed.items():
        if hashlib.sha256(files[name]).hexdigest() != entry["sha256"] or len(files[name]) != entry["bytes"]:
            raise _CheckFailedError(f"{name} does not have the hash that the manifest lists.")
    return f"{len(listed)} attached files have the bytes and SHA-256 that the manifest lists"


def _trusts(sealed: Sealed, trusted: x509.Certificate) -> bool:
    if trusted.fingerprint(hashes.SHA256()) == sealed.certificate.fingerprint(hashes.SHA256()):
        return True
    try:
        authority = trusted.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        sealed.certificate.verify_directly_issued_by(trusted)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature):
        return False
    return authority


def _inside(content: bytes, start: int, end: int, checks: list[Check]) -> str:
    """The checks that read the PDF itself; returns the packet's own name. _CheckFailedError, or PdfError on damage."""
    reader = PdfFileReader(io.BytesIO(content))
    checks.append(Check(name="one revision", passed=True, detail=_check_revision(reader, start, end)))
    files = _attachments(reader)
    body, words = _check_manifest(reader, files)
    checks.append(Check(name="manifest", passed=True, detail=words))
    checks.append(Check(name="attached files", passed=True, detail=_check_files(body, files)))
    return f"{body['packet']} version {body['version']}"


def _report(verdict: str, checks: list[Check], **known: str) -> VerifyReport:
    """Fill in the checks that were not reached."""
    reached = {check.name for check in checks}
    rest = [
        Check(name=n, passed=None, detail="not checked, since an earlier check failed")
        for n in _NAMES
        if n not in reached
    ]
    return VerifyReport(verdict=verdict, checks=(*checks, *rest), **known)


def verify_packet(content: bytes, *, trusted: bytes | None = None) -> VerifyReport:
    """Check one packet. `trusted` is the issuer's certificate (PEM or DER), got by another way.

    Raises UnreadablePacketError for what is no PDF at all, and for a `trusted` that is no certificate.
    """
    certificate = load_certificate(trusted) if trusted is not None else None
    if content[:5] != b"%PDF-":
        raise UnreadablePacketError("not_a_pdf", "This is not a PDF file: give the PDF file of a packet.")
    if b"/ByteRange" not in content:
        return _report(
            UNSIGNED,
            [
                Check(
                    name="signature container",
                    passed=False,
                    detail="This PDF bears no signature: it is not a sealed packet.",
                )
            ],
        )
    checks: list[Check] = []
    try:
        hole = find_hole(content)
        sealed = open_container(hole, content)
    except ContainerError as error:
        return _report(CHANGED, [Check(name="signature container", passed=False, detail=str(error))])
    checks.append(
        Check(name="signature container", passed=True, detail="in its one canonical form; the signature holds")
    )
    covered = len(content) - (hole.end - hole.start)
    checks.append(
        Check(
            name="whole file covered", passed=True, detail=f"{covered:,} bytes signed; the rest is the signature itself"
        )
    )
    try:
        packet = _inside(content, hole.start, hole.end, checks)
    except _CheckFailedError as error:
        return _report(CHANGED, [*checks, Check(name=_NAMES[len(checks)], passed=False, detail=str(error))])
    except (PdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        detail = f"The PDF cannot be read: {type(error).__name__}."
        return _report(CHANGED, [*checks, Check(name=_NAMES[len(checks)], passed=False, detail=detail)])
    return _judge(sealed, certificate, checks, packet)


def _judge(sealed: Sealed, trusted: x509.Certificate | None, checks: list[Check], packet: str) -> VerifyReport:
    sha256 = sealed.certificate.fingerprint(hashes.SHA256()).hex()
    signer = sealed.certificate.subject.rfc4514_string()
    stamp = ""
    if sealed.stamp is not None:
        stamp = f"{sealed.stamp.at.isoformat()} by {sealed.stamp.authority}, policy {sealed.stamp.policy}"
        checks.append(
            Check(
                name="time stamp",
                passed=True,
                detail=f"covers the signature: {stamp}; whether to trust that authority is yours to decide",
            )
        )
    else:
        checks.append(Check(name="time stamp", passed=None, detail="none: the packet does not prove when it existed"))
    known = {"signer": signer, "certificate_sha256": sha256, "time_stamp": stamp, "packet": packet}
    if trusted is None:
        detail = (
            f"not established: compare the certificate’s SHA-256 {sha256} with one got by another way, or give --trust"
        )
        return _report(INTACT_UNKNOWN, [*checks, Check(name="signer", passed=None, detail=detail)], **known)
    if _trusts(sealed, trusted):
        return _report(
            INTACT, [*checks, Check(name="signer", passed=True, detail=f"the trusted certificate: {signer}")], **known
        )
    detail = f"sealed by {signer} ({sha256}), which is not the trusted certificate"
    return _report(OTHER_SIGNER, [*checks, Check(name="signer", passed=False, detail=detail)], **known)


def verify_file(path: Path, *, trust: Path | None = None) -> VerifyReport:
    """`verify_packet` over files on disk, with one sentence for whatever cannot be read."""
    return verify_packet(read_file(path), trusted=read_file(trust) if trust is not None else None)
