"""The signature container in its one canonical form.

A PDF signature covers the file except the hole that holds the signature itself. What stands in that hole must
therefore have exactly one form, or bits in it could be flipped unseen: upper-case hex, DER that re-encodes to
itself, fixed algorithm identifiers, certificates bound by hash or by signature, zeros after the end. Fields
that no signature covers (versions, sets of digest algorithms) are compared with the only value allowed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from enforcement.packets.der import check_der
from enforcement.packets.hole import ContainerError, Hole
from enforcement.packets.signing import closed_chain

_SIGNED = {"content_type", "message_digest", "signing_certificate_v2"}
_STAMP_SIGNED_NEEDED = {"content_type", "message_digest"}
# Fields that no signature covers have these forms and no other.
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


_DAMAGE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """A time stamp that covers the signature: the authority's own name, its time, policy, certificate."""

    authority: str
    at: datetime
    policy: str
    certificate_sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sealed:
    """What the container says once it has been checked."""

    certificate: x509.Certificate
    certificate_der: bytes
    stamp: Stamp | None


def _signed_data(der: bytes) -> cms.SignedData:
    """Parse strictly; the bytes must be the one encoding of what they say."""
    try:
        check_der(der)
        info = cms.ContentInfo.load(der, strict=True)
        if info["content_type"].native != "signed_data":
            raise ContainerError("The signature container holds something else than signed data.")
        data = info["content"]
        for part in (info, data, data["encap_content_info"], *data["signer_infos"]):
            _complete(part)
    except (ValueError, TypeError, KeyError) as error:
        raise ContainerError("The signature container is not in its canonical encoding.") from error
    return data


def _complete(value: core.Sequence) -> None:
    """The parser passes over members that it does not know; none may stand in the file."""
    known = sum(len(value[field[0]].dump()) for field in value._fields)
    if known != len(value.contents):
        raise ContainerError("The container holds a part that is not known.")


def _certificates(data: cms.SignedData) -> list[bytes]:
    if any(choice.name != "certificate" for choice in data["certificates"]):
        raise ContainerError("The container carries a certificate of another kind.")
    found = [choice.chosen.dump() for choice in data["certificates"]]
    if found != sorted(found):
        raise ContainerError("The certificates in the container are not in order.")
    return found


def _attributes(info: cms.SignerInfo) -> dict[str, core.Asn1Value]:
    out: dict[str, core.Asn1Value] = {}
    for attribute in info["signed_attrs"]:
        name = attribute["type"].native
        if name in out or len(attribute["values"]) != 1:
            raise ContainerError("A signed attribute stands twice.")
        out[name] = attribute["values"][0]
    return out


def _signer(data: cms.SignedData, certificates: list[bytes]) -> tuple[cms.SignerInfo, bytes]:
    if len(data["signer_infos"]) != 1 or not isinstance(data["crls"], core.Void):
        raise ContainerError("The container has more than one signer, or lists that are not expected.")
    info = data["signer_infos"][0]
    sid = info["sid"]
    if sid.name != "issuer_and_serial_number" or info["version"].native != "v1":
        raise ContainerError("The signer is not named by issuer and serial number.")
    for der in certificates:
        certificate = asn1_x509.Certificate.load(der)
        if (
            certificate.issuer.dump() == sid.chosen["issuer"].dump()
            and certificate.serial_number == sid.chosen["serial_number"].native
        ):
            return info, der
    raise ContainerError("The signer’s certificate is not in the container.")


def _same(value: core.Asn1Value, *allowed: core.Asn1Value) -> bool:
    return value.dump() in [one.dump() for one in allowed]


def _digest_forms(name: str) -> tuple[algos.DigestAlgorithm, ...]:
    return algos.DigestAlgorithm({"algorithm": name}), algos.DigestAlgorithm(
        {"algorithm": name, "parameters": core.Null()}
    )


def _bound_by_hash(certificate: bytes, attributes: dict[str, core.Asn1Value]) -> bool:
    """Whether a signed attribute (ESS signing certificate, RFC 5035) names this certificate's hash."""
    for name in ("signing_certificate_v2", "signing_certificate"):
        if name in attributes:
            first = attributes[name]["certs"][0]
            algorithm = first["hash_algorithm"]["algorithm"].native if name.endswith("v2") else "sha1"
            return bool(hashlib.new(algorithm, certificate).digest() == first["cert_hash"].native)
    return False


def _verify(key: object, info: cms.SignerInfo, digest: str, attributes: bytes) -> None:
    """Check the signature over the signed attributes, given as they stand in the file (RFC 5652, section 5.4)."""
    signed = b"\x31" + attributes[1:]
    algorithm, chosen = info["signature_algorithm"], _HASHES[digest]()
    signature = info["signature"].native
    names = {"rsassa_pkcs1v15", f"{digest}_rsa"}
    try:
        if (
            isinstance(key, rsa.RSAPublicKey)
            and algorithm["algorithm"].native in names
            and isinstance(algorithm["parameters"], core.Null | core.Void)
        ):
            if len(signature) != (key.key_size + 7) // 8:
                raise ContainerError("The signature value has the wrong length.")
            key.verify(signature, signed, padding.PKCS1v15(), chosen)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm["algorithm"].native == f"{digest}_ecdsa":
            key.verify(signature, signed, ec.ECDSA(chosen))
        else:
            raise ContainerError("The signature uses an algorithm that is not accepted.")
    except (InvalidSignature, UnsupportedAlgorithm) as error:
        raise ContainerError("The signature does not hold: the file or the signature was changed.") from error


def _rsa_form(info: cms.SignerInfo, name: str) -> None:
    """Only the two ways in which signers write RSA are allowed, since nothing covers this field."""
    forms = [algos.SignedDigestAlgorithm({"algorithm": n}) for n in ("rsassa_pkcs1v15", f"{name}_rsa")]
    if not _same(info["signature_algorithm"], *forms) or not _same(info["digest_algorithm"], *_digest_forms(name)):
        raise ContainerError("An algorithm in the container is not written in its one form.")


def open_container(hole: Hole, content: bytes) -> Sealed:
    """Check the whole container against the file; returns the signer's certificate and the time stamp if any.

    ContainerError for whatever does not hold; damage that stops the parser ends there too.
    """
    try:
        return _opened(hole, content)
    except _DAMAGE as error:
        raise ContainerError("The signature container cannot be read.") from error


def _opened(hole: Hole, content: bytes) -> Sealed:
    data = _signed_data(hole.der)
    certificates = _certificates(data)
    info, signer = _signer(data, certificates)
    as_signed = info["signed_attrs"].dump()  # before anything inside is read: then these are the file's own bytes
    attributes = _attributes(info)
    if len(certificates) != 1 or set(attributes) != _SIGNED or data["version"].native != "v1":
        raise ContainerError("The container holds more or less than one seal needs.")
    if len(data["digest_algorithms"]) != 1 or data["digest_algorithms"][0].dump() != info["digest_algorithm"].dump():
        raise ContainerError("The container names other digest algorithms than it uses.")
    content_info = data["encap_content_info"]
    if content_info["content_type"].native != "data" or not isinstance(content_info["content"], core.Void):
        raise ContainerError("The container carries content of its own.")
    _rsa_form(info, "sha256")
    digest = hashlib.sha256(content[: hole.start])
    digest.update(content[hole.end :])
    if attributes["message_digest"].native != digest.digest() or attributes["content_type"].native != "data":
        raise ContainerError("The file does not have the digest that was signed: it was changed after signing.")
    if not _bound_by_hash(signer, attributes):
        raise ContainerError("The certificate in the container is not the one that the signature names.")
    certificate = x509.load_der_x509_certificate(signer)
    _verify(certificate.public_key(), info, "sha256", as_signed)
    return Sealed(certificate=certificate, certificate_der=signer, stamp=_stamp(info))


def _stamp(info: cms.SignerInfo) -> Stamp | None:
    unsigned = info["unsigned_attrs"]
    if isinstance(unsigned, core.Void):
        return None
    if (
        len(unsigned) != 1
        or unsigned[0]["type"].native != "signature_time_stamp_token"
        or len(unsigned[0]["values"]) != 1
    ):
        raise ContainerError("The container carries unsigned values other than one time stamp.")
    return _checked_stamp(unsigned[0]["values"][0].dump(), info["signature"].native)


def _checked_stamp(der: bytes, signature: bytes) -> Stamp:
    """One RFC 3161 token: canonical, over this signature, its own signature and certificates checked."""
    data = _signed_data(der)
    certificates = _certificates(data)
    info, signer = _signer(data, certificates)
    as_signed = info["signed_attrs"].dump()  # before anything inside is read: then these are the file's own bytes
    attributes = _attributes(info)
    name = info["digest_algorithm"]["algorithm"].native
    if name not in _HASHES or data["version"].native != "v3" or not isinstance(info["unsigned_attrs"], core.Void):
        raise ContainerError("The time stamp is not in a form that can be checked.")
    if len(data["digest_algorithms"]) != 1 or data["digest_algorithms"][0].dump() != info["digest_algorithm"].dump():
        raise ContainerError("The time stamp names other digest algorithms than it uses.")
    certificate = x509.load_der_x509_certificate(signer)
    if isinstance(certificate.public_key(), rsa.RSAPublicKey):
        _rsa_form(info, name)
    content = data["encap_content_info"]["content"]
    body = content.parsed if hasattr(content, "parsed") else content
    raw = body.dump()
    token = tsp.TSTInfo.load(raw, strict=True)
    imprint = token["message_imprint"]
    hashed = imprint["hash_algorithm"]["algorithm"].native
    if (
        not set(attributes) >= _STAMP_SIGNED_NEEDED
        or attributes["message_digest"].native != hashlib.new(name, raw).digest()
    ):
        raise ContainerError("The time stamp was changed.")
    if hashed not in _HASHES or imprint["hashed_message"].native != hashlib.new(hashed, signature).digest():
        raise ContainerError("The time stamp is over another signature.")
    if data["encap_content_info"]["content_type"].native != "tst_info" or not _bound_by_hash(signer, attributes):
        raise ContainerError("The time stamp does not name its own certificate.")
    if sorted(closed_chain(signer, certificates)) != sorted(certificates):
        raise ContainerError("The time stamp carries a certificate that nothing vouches for.")
    _verify(certificate.public_key(), info, name, as_signed)
    return Stamp(
        authority=certificate.subject.rfc4514_string(),
        at=token["gen_time"].native,
        policy=token["policy"].native,
        certificate_sha256=hashlib.sha256(signer).hexdigest(),
    )
