"""Writes of the packets stage: asking for a packet, building and signing it, handing it out."""

import io
import time
from pathlib import Path

import structlog
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from enforcement.audit.actors import SYSTEM, Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.models import Event, Seal
from enforcement.audit.refs import yearly_ref
from enforcement.audit.services import record_event, seal_now
from enforcement.cases.models import Case
from enforcement.evidence.models import Item
from enforcement.evidence.services import give_exhibit_numbers, record_export
from enforcement.packets import building, canonical
from enforcement.packets.document import TLP_MARKS
from enforcement.packets.document_records import PacketInputs
from enforcement.packets.errors import PacketError
from enforcement.packets.gather import gather_inputs
from enforcement.packets.gather.changes import with_changes
from enforcement.packets.models import Packet
from enforcement.packets.signing import SigningIdentity, load_identity, make_signing_key, sign_packet
from enforcement.signals.blobs import store_blob
from enforcement.signals.models import Blob
from enforcement.staff.matrix import Permission, require

log = structlog.get_logger()
PROFILES = ("producible",)


def identity() -> SigningIdentity:
    """The issuer's signing key, made once in the keys folder and kept."""
    folder = Path(settings.KEYS_ROOT)
    make_signing_key(folder, organization=settings.ISSUER)
    return load_identity(folder)


def request_packet(actor: Actor, *, case: Case, profile: str = "producible", tlp: str = "AMBER") -> Packet:
    """Freeze what a case's packet will show, now, as the next version; a worker builds it.

    Raises `Refusal`: not permitted, a case without evidence, subjects without a finding, or an unknown profile or mark.
    """
    require(actor, Permission.PACKET_BUILD)
    if profile not in PROFILES:
        raise Refusal(
            "packet.profile", f"The profile must be one of {', '.join(PROFILES)}.", field="profile", status=400
        )
    if tlp not in TLP_MARKS:
        raise Refusal("packet.tlp", f"The TLP mark must be one of {', '.join(TLP_MARKS)}.", field="tlp", status=400)
    signer = identity()
    if not connection.in_atomic_block:
        seal_now()  # so that the seal on the last page covers what the packet tells
    with transaction.atomic():
        case = (
            Case.objects.select_for_update(of=("self",))
            .select_related("policy_version__policy", "opened_by_rule")
            .get(pk=case.pk)
        )
        _need_evidence(case)
        give_exhibit_numbers(case)
        packet = _new_row(actor, case, profile, tlp)
        try:
            inputs = with_changes(gather_inputs(packet, identity=signer), before=_before(packet))
            building.check_inputs(inputs)
        except PacketError as error:
            raise Refusal(f"packet.{error.code}", error.message) from error
        packet.inputs = _keep(canonical.encode_inputs(inputs), "application/json")
        packet.inputs_digest = canonical.inputs_digest(inputs)
        packet.save(update_fields=["inputs", "inputs_digest"])
        _note_exports(actor, packet, inputs)
        record_event(actor=actor, verb="packets.requested", target=packet, case_id=case.pk,
                     data={"version": packet.version, "profile": profile, "tlp": tlp, "inputs_digest": packet.inputs_digest})  # fmt: skip
    return packet


def _before(packet: Packet) -> PacketInputs | None:
    """What the version before showed; none where there is none, or it was frozen in a form no longer read."""
    last = Packet.objects.filter(case=packet.case, version__lt=packet.version).order_by("-version").first()
    if last is None or last.inputs is None:
        return None
    try:
        return frozen_inputs(last)
    except (PacketError, OSError) as error:
        log.warning("earlier packet unreadable", packet=last.pk, reason=str(error))
        return None


def _note_exports(actor: Actor, packet: Packet, inputs: PacketInputs) -> None:
    """Exhibits whose bytes travel in the packet have left: their custody says so."""
    numbers = [int(item.number.removeprefix("EX-")) for item in inputs.attached]
    items = Item.objects.filter(case=packet.case, exhibit_number__in=numbers).select_related("blob")
    record_export(actor, items=list(items.order_by("exhibit_number")), detail=f"attached to {packet}")


def _need_evidence(case: Case) -> None:
    if not Item.objects.filter(case=case, withdrawn_at=None).exists():
        raise Refusal(
            "packet.no_evidence",
            f"{case.ref} has no evidence. Add an upload or an extract under Evidence, then build the packet.",
        )


def _new_row(actor: Actor, case: Case, profile: str, tlp: str) -> Packet:
    version = (Packet.objects.filter(case=case).aggregate(last=Max("version"))["last"] or 0) + 1
    now = timezone.now().replace(microsecond=0)
    first = Packet.objects.filter(case=case).order_by("version").first()
    seal = Seal.objects.order_by("-epoch", "-batch").first()
    return Packet.objects.create(
        ref=first.ref if first else yearly_ref(Packet, prefix="PK", year=now.year),
        case=case,
        version=version,
        profile=profile,
        tlp=tlp,
        requested_by_id=actor.person_id,
        requested_by_label=actor.label,
        built_at=now,
        audit_position=Event.objects.order_by("-id").values_list("id", flat=True).first() or 0,
        seal_head=seal.head if seal else "",
        progress_total=3,
    )


def frozen_inputs(packet: Packet) -> PacketInputs:
    """The inputs that a packet row froze, as they were."""
    if packet.inputs is None:
        raise Refusal("packet.no_inputs", f"{packet} froze no inputs. Request a new version.")
    with default_storage.open(packet.inputs.path) as stream:
        return canonical.decode_inputs(stream.read())


def build_packet(packet_id: int) -> Packet:
    """Build and sign the file of a packet row. Safe to run twice: one that is over, or held by somebody, is left alone.

    Rebuilding the same row gives the same bytes before signing; a row whose bytes would differ fails and says so.
    """
    packet = Packet.claim(packet_id)
    if packet is None:
        return Packet.objects.get(pk=packet_id)
    began = time.perf_counter()
    try:
        _build(packet, began)
    except (PacketError, Refusal, OSError) as error:
        log.warning("packet failed", packet=packet.pk, reason=str(error))
        packet.finish("failed", failure=str(error)[:2000])
    packet.refresh_from_db()
    return packet


def _build(packet: Packet, began: float) -> None:
    inputs = frozen_inputs(packet)
    packet.extend(done=1, total=3, note="Setting pages")
    built = building.build_packet(inputs)
    if packet.unsigned_sha256 and packet.unsigned_sha256 != built.unsigned_sha256:
        raise Refusal("packet.differs", "Rebuilding gave other bytes than before; the packet was not signed again.")
    packet.extend(done=2, total=3, note="Signing")
    signed = sign_packet(
        built.pdf, identity=identity(), reason=f"Evidence packet {packet}", time_stamp_url=settings.TIME_STAMP_URL
    )
    blob = _keep(signed, "application/pdf")
    with transaction.atomic():
        Packet.objects.filter(pk=packet.pk, state="running").update(
            file=blob,
            unsigned_sha256=built.unsigned_sha256,
            manifest_sha256=built.manifest_sha256,
            pages=built.pages,
            time_stamped=bool(settings.TIME_STAMP_URL),
            seconds=round(time.perf_counter() - began, 3),
            progress_done=3,
        )
        if not packet.finish("done"):
            raise Refusal("packet.lost", "The packet was cancelled or taken over meanwhile.")
        record_event(actor=SYSTEM, verb="packets.built", target=packet, case_id=packet.case_id,
                     data={"sha256": blob.sha256, "unsigned_sha256": built.unsigned_sha256, "pages": built.pages})  # fmt: skip


def _keep(content: bytes, media_type: str) -> Blob:
    return store_blob(io.BytesIO(content), media_type=media_type)


def open_packet(actor: Actor, *, packet: Packet) -> File[bytes]:
    """The signed file for reading; the read is recorded. Raises `Refusal` while it is not built."""
    require(actor, Permission.PACKET_VIEW)
    if packet.file is None:
        raise Refusal("packet.not_built", f"{packet} is {packet.state}; there is no file yet.")
    with transaction.atomic():
        record_event(actor=actor, verb="packets.downloaded", target=packet, case_id=packet.case_id,
                     data={"sha256": packet.file.sha256})  # fmt: skip
    return default_storage.open(packet.file.path)
