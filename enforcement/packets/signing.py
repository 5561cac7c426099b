"""Seal a built packet: PAdES, certifying, in an invisible field, by a key made on this machine at set-up.

The key is RSA-3072: its signatures have one form, where those of an elliptic curve have two. A time stamp
(RFC 3161) is set where an authority is configured; nothing else reaches the network. What the container
carries unsigned is kept to what the verifier can check bit by bit (`container`).
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asn1crypto import cms
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from enforcement.packets.errors import SigningError

KEY_FILE = "packet-signing.key.pem"
CERTIFICATE_FILE = "packet-signing.cert.pem"
KEY_BITS = 3072
VALID_DAYS = 3652
FIELD_NAME = "Sealed-by-issuer"
_RESERVED_HEX, _RESERVED_STAMPED_HEX = 8192, 32768
STAMP_TIMEOUT_SECONDS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class SigningIdentity:
    """The issuer's key with its certificate; `key_pem` never leaves the machine."""

    key_pem: bytes
    certificate_pem: bytes

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate, parsed."""
        return x509.load_pem_x509_certificate(self.certificate_pem)

    @property
    def certificate_sha256(self) -> str:
        """Lower-case hex over the DER bytes."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def subject(self) -> str:
        """Organization and common name, for the signature page."""
        name = self.certificate.subject
        parts = [
            *name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME),
            *name.get_attributes_for_oid(NameOID.COMMON_NAME),
        ]
        return ", ".join(str(part.value) for part in parts)


def _certificate(key: rsa.RSAPrivateKey, organization: str, now: datetime) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"evidence sealing key {now:%Y-%m-%d}"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _write_private(path: Path, content: bytes) -> None:
    """Create with mode 0600 from the first byte, and never over an existing file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def make_signing_key(folder: Path, *, organization: str) -> SigningIdentity:
    """Make the key and its self-signed certificate in `folder`, or return those that are there.

    Takes about a second. The folder gets mode 0700, the key 0600. SigningError when only one of the two
    files exists, since a packet signed by half an identity could never be checked.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / KEY_FILE).exists() or (folder / CERTIFICATE_FILE).exists():
        return load_identity(folder)
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    certificate = _certificate(key, organization, datetime.now(UTC).replace(microsecond=0))
    _write_private(folder / KEY_FILE, pem)
    _write_private(folder / CERTIFICATE_FILE, certificate.public_bytes(serialization.Encoding.PEM))
    (folder / CERTIFICATE_FILE).chmod(0o644)
    return load_identity(folder)


def load_identity(folder: Path) -> SigningIdentity:
    """The identity in `folder`; SigningError when it is missing, unreadable, open to others, or not a pair."""
    key_path, certificate_path = folder / KEY_FILE, folder / CERTIFICATE_FILE
    try:
        identity = SigningIdentity(key_pem=key_path.read_bytes(), certificate_pem=certificate_path.read_bytes())
        mode = key_path.stat().st_mode
    except OSError as error:
        raise SigningError(
            "no_signing_key", f"There is no usable signing key in {folder}: run the set-up again."
        ) from error
    if mode & 0o077:
        raise SigningError("key_open", f"{key_path} can be read by others: set its mode to 0600.")
    try:
        key = serialization.load_pem_private_key(identity.key_pem, password=None)
        public = identity.certificate.public_key()
    except ValueError as error:
        raise SigningError("key_damaged", f"The signing key or certificate in {folder} cannot be read.") from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.public_key() != public:
        raise SigningError("key_mismatch", f"Key and certificate in {folder} do not belong together.")
    return identity


def _signer(identity: SigningIdentity) -> signers.SimpleSigner:
    key = serialization.load_pem_private_key(identity.key_pem, password=None)
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    certificate = asn1_x509.Certificate.load(identity.certificate.public_bytes(serialization.Encoding.DER))
    return signers.SimpleSigner(
        signing_cert=certificate, signing_key=asn1_keys.PrivateKeyInfo.load(der), cert_registry=SimpleCertificateStore()
    )


def _issued(certificate: bytes, issuer: bytes) -> bool:
    try:
        x509.load_der_x509_certificate(certificate).verify_directly_issued_by(x509.load_der_x509_certificate(issuer))
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion):
        return False
    return True


def closed_chain(signer: bytes, others: list[bytes]) -> list[bytes]:
    """The signer's certificate (DER), and above it its issuers up to a self-signed one.

    Where the chain does not close, the signer's alone: a certificate whose issuer is absent could be changed
    unseen, since the time-stamp token does not cover the certificates that it carries.
    """
    chain, rest = [signer], [other for other in others if other != signer]
    while not _issued(chain[-1], chain[-1]):
        above = next((other for other in rest if _issued(chain[-1], other)), None)
        if above is None:
            return [signer]
        chain.append(above)
        rest.remove(above)
    return chain


def tidy_token(token: cms.ContentInfo) -> cms.ContentInfo:
    """A time-stamp token reduced to what can be checked: certificates of a closed chain, no unsigned attributes."""
    data = token["content"]
    certificates = [choice.chosen for choice in data["certificates"]]
    wanted = data["signer_infos"][0]["sid"].chosen
    signer = next(
        (
            c
            for c in certificates
            if isinstance(wanted, cms.IssuerAndSerialNumber)
            and c.issuer.dump() == wanted["issuer"].dump()
            and c.serial_number == wanted["serial_number"].native
        ),
        None,
    )
    if signer is None:
        raise SigningError("time_stamp_shape", "The time-stamp authority sent a token without its certificate.")
    kept = closed_chain(signer.dump(), [c.dump() for c in certificates])
    info = data["signer_infos"][0]
    parts = {
        name: info[name]
        for name in ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature")
    }
    tidy = cms.SignedData(
        {
            "version": data["version"],
            "digest_algorithms": data["digest_algorithms"],
            "encap_content_info": data["encap_content_info"],
            "certificates": [cms.CertificateChoices("certificate", asn1_x509.Certificate.load(der)) for der in kept],
            "signer_infos": [cms.SignerInfo(parts)],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": tidy})


class TidyTimeStamper(RequestsHTTPTimeStamper):
    """Asks the configured authority, and keeps of its token what the verifier can check."""

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A tidied token over the digest."""
        return tidy_token(await super().async_timestamp(message_digest, md_algorithm))


def sign_packet(pdf: bytes, *, identity: SigningIdentity, reason: str, time_stamp_url: str = "") -> bytes:
    """Sign the built packet; the result starts with the same bytes. SigningError when the authority fails."""
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD_NAME,
        md_algorithm="sha256",
        certify=True,
        reason=reason,
        name=identity.subject,
        subfilter=fields.SigSeedSubFilter.PADES,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    stamper = TidyTimeStamper(time_stamp_url, timeout=STAMP_TIMEOUT_SECONDS) if time_stamp_url else None  # type: ignore[no-untyped-call]
    try:
        signed = signers.PdfSigner(
            meta,
            signer=_signer(identity),
            timestamper=stamper,
            new_field_spec=fields.SigFieldSpec(sig_field_name=FIELD_NAME),
        ).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)),
            bytes_reserved=_RESERVED_STAMPED_HEX if stamper else _RESERVED_HEX,
        )
    except OSError as error:
        raise SigningError(
            "time_stamp_failed",
            f"The time-stamp authority at {time_stamp_url} gave no stamp: try again, or build without one.",
        ) from error
    except PdfError as error:
        raise SigningError("not_signable", f"The packet could not be signed: {error}.") from error
    return bytes(signed.getvalue())
