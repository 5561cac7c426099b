"""The inputs of one packet, put together from its parts."""

from datetime import date

from django.conf import settings

from enforcement.audit.models import Seal
from enforcement.cases.models import Case
from enforcement.packets.document import AuditSeal, Cover, SignatureFacts
from enforcement.packets.document_records import Custody, PacketInputs
from enforcement.packets.gather.attributions import alternatives_of, attributions_of
from enforcement.packets.gather.clusters import (
    clusters_of,
    drawn_clusters,
    identifiers_of,
    redacted_values,
    redactions_of,
)
from enforcement.packets.gather.decisions import actions_of, decision_of
from enforcement.packets.gather.exhibits import attached_exhibits, custody_events, exhibits_of, kept_exhibits
from enforcement.packets.gather.method import method_of
from enforcement.packets.gather.policy import policy_of
from enforcement.packets.gather.subjects import highest_account_day, subject_rows
from enforcement.packets.gather.timeline import conduct_period, timeline_of
from enforcement.packets.models import Packet
from enforcement.packets.signing import SigningIdentity

WOULD_CHANGE = (
    "An attribution would change if payment records, a company register or the records of a reseller named another "
    "organization, or if the accounts were shown to act for unrelated customers."
)


def gather_inputs(packet: Packet, *, identity: SigningIdentity) -> PacketInputs:
    """Everything that `packet` shows, read in the caller's transaction; a gap is refused later, when it is built.

    Raises `IncompletePacketError` when the storage lost the bytes of an exhibit.
    """
    case = packet.case
    drawn = drawn_clusters(case)
    identifiers = identifiers_of(case, drawn)
    kept = kept_exhibits(case, redacted_values(case))
    first, last = conduct_period(case)
    return PacketInputs(
        cover=_cover(packet, first, last),
        seal=_seal(packet),
        signature=SignatureFacts(
            signer=identity.subject,
            certificate_sha256=identity.certificate_sha256,
            time_stamp_authority=settings.TIME_STAMP_URL,
        ),
        policy=policy_of(case),
        method=method_of(case, kept),
        timeline=timeline_of(case),
        clusters=clusters_of(drawn, packet.built_at),
        identifiers=identifiers,
        attributions=attributions_of(case),
        alternatives=alternatives_of(case),
        would_change=WOULD_CHANGE,
        subjects=subject_rows(case),
        archive_queries=highest_account_day(case),
        exhibits=exhibits_of(kept),
        custody=Custody(events=custody_events(kept)),
        decision=decision_of(case),
        actions=actions_of(case),
        appeals=(),
        redactions=redactions_of(identifiers),
        attached=attached_exhibits(kept),
    )


def _cover(packet: Packet, first: date, last: date) -> Cover:
    case = packet.case
    return Cover(
        case_ref=case.ref,
        case_title=case.title,
        case_state=case.get_state_display(),
        case_opened_at=case.opened_at,
        packet_ref=packet.ref,
        version=packet.version,
        supersedes=packet.version - 1 if packet.version > 1 else None,
        profile=packet.profile,
        tlp=packet.tlp,
        issuer=settings.ISSUER,
        issuer_short=settings.ISSUER.split(",")[0],
        recipient="",
        bates_prefix=_bates(case),
        conduct_from=first,
        conduct_until=last,
        facts_as_of=packet.built_at,
        built_at=packet.built_at,
        synthetic=case.is_demo,
    )


def _bates(case: Case) -> str:
    return "DSR-" + case.ref.replace("-", "")


def _seal(packet: Packet) -> AuditSeal | None:
    seal = Seal.objects.filter(head=packet.seal_head).first() if packet.seal_head else None
    return AuditSeal(batch=seal.batch, head=seal.head, sealed_at=seal.sealed_at) if seal else None
