"""The inputs of one packet, put together from its parts."""

from datetime import date

from django.conf import settings

from enforcement.audit.models import Seal
from enforcement.cases.models import Case
from enforcement.packets.document import AuditSeal, Cover, SignatureFacts
from enforcement.packets.document_records import Custody, PacketInputs
from enforcement.packets.gather.attributions import alternatives_of, attributions_of
from enforcement.packets.gather.clusters import clusters_of, identifiers_of
from enforcement.packets.gather.decisions import actions_of, decision_of
from enforcement.packets.gather.exhibits import attached_exhibits, custody_events, exhibits_of
from enforcement.packets.gather.method import method_of
from enforcement.packets.gather.policy import policy_of
from enforcement.packets.gather.subjects import highest_account_day, subject_rows
from enforcement.packets.gather.timeline import conduct_period, timeline_of
from enforcement.packets.models import Packet
from enforcement.packets.signing import SigningIdentity

WOULD_CHANGE = (
    "The attribution would change if payment records, a company register or the reseller's own customer records named "
    "another principal, or if the accounts were shown to act for unrelated customers."
)


def gather_inputs(packet: Packet, *, identity: SigningIdentity) -> PacketInputs:
    """Everything that `packet` shows, read in the caller's transaction. Raises nothing for gaps: building refuses those."""
    case = packet.case
    exhibits = exhibits_of(case)
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
        method=method_of(case, exhibits),
        timeline=timeline_of(case),
        clusters=clusters_of(case, packet.built_at),
        identifiers=identifiers_of(case),
        attributions=attributions_of(case),
        alternatives=alternatives_of(case),
        would_change=WOULD_CHANGE,
        subjects=subject_rows(case),
        archive_queries=highest_account_day(case),
        exhibits=exhibits,
        custody=Custody(events=custody_events(case)),
        decision=decision_of(case),
        actions=actions_of(case),
        appeals=(),
        redactions=(),
        attached=attached_exhibits(case),
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
        changes=() if packet.version == 1 else (f"Facts as of {packet.built_at:%Y-%m-%d %H:%M:%S}; see the counts.",),
    )


def _bates(case: Case) -> str:
    return "DSR-" + case.ref.replace("-", "")


def _seal(packet: Packet) -> AuditSeal | None:
    seal = Seal.objects.filter(head=packet.seal_head).first() if packet.seal_head else None
    return AuditSeal(batch=seal.batch, head=seal.head, sealed_at=seal.sealed_at) if seal else None
