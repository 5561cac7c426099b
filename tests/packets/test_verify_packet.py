"""A sealed packet is intact or it is not: every byte counts, and every bad file gets one sentence."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from enforcement.packets import signing, verifier
from enforcement.packets.building import BuiltPacket
from enforcement.packets.errors import SigningError, UnreadablePacketError
from enforcement.packets.hole import find_hole
from enforcement.packets.signing import SigningIdentity, make_signing_key, sign_packet
from enforcement.packets.verdicts import CHANGED, INTACT, INTACT_UNKNOWN, OTHER_SIGNER, UNSIGNED
from tests.packets.authority import STAMP_TIME, time_stamp_authority

ROOT = Path(__file__).resolve().parents[2]


def flipped(content: bytes, position: int, bit: int) -> bytes:
    return content[:position] + bytes([content[position] ^ (1 << bit)]) + content[position + 1 :]


def verdict(content: bytes) -> str:
    try:
        return verifier.verify_packet(content).verdict
    except UnreadablePacketError as error:
        return error.code


def test_a_fresh_packet_is_intact_and_its_signer_is_not_established_without_trust(signed: bytes, identity) -> None:
    report = verifier.verify_packet(signed)
    assert report.verdict == INTACT_UNKNOWN
    assert report.ok
    assert report.packet == "PK-2026-0001 version 1"
    assert report.certificate_sha256 == identity.certificate_sha256
    assert [c.name for c in report.checks] == [
        *("signature container", "whole file covered", "one revision", "manifest", "attached files"),
        *("time stamp", "signer"),
    ]


def test_the_signed_file_starts_with_the_built_bytes(signed: bytes, built: BuiltPacket) -> None:
    assert signed.startswith(built.pdf)


def test_trust_establishes_the_signer_and_another_certificate_does_not(signed: bytes, identity, tmp_path) -> None:
    assert verifier.verify_packet(signed, trusted=identity.certificate_pem).verdict == INTACT
    other = make_signing_key(tmp_path / "other", organization="Somebody Else")
    report = verifier.verify_packet(signed, trusted=other.certificate_pem)
    assert report.verdict == OTHER_SIGNER
    assert not report.ok


def test_one_flipped_bit_in_every_byte_of_the_container_and_the_tail_is_seen(signed: bytes) -> None:
    gap = find_hole(signed)
    rng = random.Random(11)
    places = range(gap.start - 40, len(signed))
    unseen = [p for p in places if verdict(flipped(signed, p, rng.randrange(8))) not in (CHANGED, UNSIGNED)]
    assert unseen == []


def test_every_bit_of_the_unsigned_fields_of_the_container_is_seen(signed: bytes) -> None:
    """Versions, sets of algorithms and lengths at its start, and the signature's own head near its end."""
    gap = find_hole(signed)
    end = gap.start + 1 + 2 * len(gap.der)
    places = [
        *range(gap.start, gap.start + 160),
        *range(end - 2 * 384 - 120, end - 2 * 384 + 20),
        *range(end - 4, end + 8),
    ]
    unseen = [
        (p, bit) for p in places for bit in range(8) if verdict(flipped(signed, p, bit)) not in (CHANGED, UNSIGNED)
    ]
    assert unseen == []


def test_flipped_bits_anywhere_else_are_seen(signed: bytes) -> None:
    gap = find_hole(signed)
    rng = random.Random(12)
    places = [*range(40), *rng.sample(range(gap.start), 2500)]
    unseen = [p for p in places if verdict(flipped(signed, p, rng.randrange(8))) in (INTACT, INTACT_UNKNOWN)]
    assert unseen == []


@pytest.mark.parametrize("cut", [1, 2, 100, 5000])
def test_a_truncated_packet_is_changed(signed: bytes, cut: int) -> None:
    assert verdict(signed[:-cut]) in (CHANGED, UNSIGNED)


@pytest.mark.parametrize("tail", [b"\n", b"\0", b" ", b"%%EOF\n", b"startxref\n0\n%%EOF\n"])
def test_bytes_after_the_end_are_seen(signed: bytes, tail: bytes) -> None:
    assert verdict(signed + tail) == CHANGED


def test_an_incremental_update_is_seen(signed: bytes) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    writer.root["/PageMode"] = writer.root["/Lang"]
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    assert verdict(out.getvalue()) == CHANGED


def test_the_other_hex_case_and_a_longer_hole_are_seen(signed: bytes) -> None:
    gap = find_hole(signed)
    lower = signed[: gap.start] + signed[gap.start : gap.end].lower() + signed[gap.end :]
    assert verdict(lower) == CHANGED
    assert verdict(signed[: gap.end - 1] + b"00" + signed[gap.end - 1 :]) == CHANGED


def test_resigning_an_altered_packet_with_another_key_never_passes_trust(
    built: BuiltPacket, identity, tmp_path
) -> None:
    thief = make_signing_key(tmp_path / "thief", organization="Tallowmere AI, Inc.")
    forged = sign_packet(built.pdf, identity=thief, reason="forged")
    assert verifier.verify_packet(forged, trusted=identity.certificate_pem).verdict == OTHER_SIGNER


@pytest.fixture(scope="module")
def stamped(built: BuiltPacket, identity: SigningIdentity) -> bytes:
    with time_stamp_authority() as url:
        return sign_packet(built.pdf, identity=identity, reason="stamped", time_stamp_url=url)


def test_a_time_stamp_from_a_real_authority_covers_the_signature(stamped: bytes) -> None:
    report = verifier.verify_packet(stamped)
    assert report.ok
    assert report.time_stamp.startswith(STAMP_TIME.isoformat())


def test_one_flipped_bit_in_every_byte_of_a_stamped_container_is_seen(stamped: bytes) -> None:
    gap = find_hole(stamped)
    rng = random.Random(13)
    end = gap.start + 1 + 2 * len(gap.der)
    unseen = [
        p
        for p in range(gap.start, end + 40)
        if verdict(flipped(stamped, p, rng.randrange(8))) not in (CHANGED, UNSIGNED)
    ]
    assert unseen == []


def test_a_chain_that_does_not_close_is_left_out_of_the_token(built: BuiltPacket, identity: SigningIdentity) -> None:
    with time_stamp_authority(with_root=False) as url:
        content = sign_packet(built.pdf, identity=identity, reason="stamped", time_stamp_url=url)
    assert verifier.verify_packet(content).ok


def test_an_authority_that_does_not_answer_stops_the_seal(built: BuiltPacket, identity: SigningIdentity) -> None:
    with pytest.raises(SigningError) as caught:
        sign_packet(built.pdf, identity=identity, reason="r", time_stamp_url="http://127.0.0.1:9/")
    assert caught.value.code == "time_stamp_failed"


def test_the_key_is_private_made_once_and_never_replaced(key_folder: Path, identity: SigningIdentity) -> None:
    assert (key_folder / signing.KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert make_signing_key(key_folder, organization="Other").certificate_pem == identity.certificate_pem


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    make_signing_key(tmp_path, organization="Tallowmere AI, Inc.")
    (tmp_path / signing.KEY_FILE).chmod(0o644)
    with pytest.raises(SigningError, match="0600"):
        signing.load_identity(tmp_path)


def test_an_unsigned_packet_says_that_it_is_unsigned(built: BuiltPacket) -> None:
    report = verifier.verify_packet(built.pdf)
    assert report.verdict == UNSIGNED
    assert not report.ok


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.pdf", b"", "is empty"),
        ("rubbish.pdf", b"\x00\xff" * 50, "not a PDF"),
        ("folder", None, "is a directory"),
        ("gone.pdf", ..., "no file"),
    ],
)
def test_a_file_that_is_no_packet_gets_one_sentence(tmp_path: Path, name: str, content: object, words: str) -> None:
    path = tmp_path / name
    if content is None:
        path.mkdir()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(UnreadablePacketError, match=words) as caught:
        verifier.verify_file(path)
    assert caught.value.message.count("\n") == 0


def test_the_command_needs_no_database_and_speaks_json(signed: bytes, tmp_path: Path, key_folder: Path) -> None:
    path = tmp_path / "packet.pdf"
    path.write_bytes(signed)
    environment = {"PATH": "/usr/bin:/bin", "DOSSIER_HOME": str(tmp_path / "nowhere"), "SECRET_KEY": "x" * 50}
    command = [sys.executable, "manage.py", "verify_packet", str(path), "--json"]
    done = subprocess.run(
        [*command, "--trust", str(key_folder / signing.CERTIFICATE_FILE)],
        capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == INTACT
    assert not (tmp_path / "nowhere" / "postgres").exists()
    path.write_bytes(flipped(signed, 5000, 3))
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120, check=False)
    assert done.returncode != 0
    assert json.loads(done.stdout)["verdict"] == CHANGED
