"""Reads of the packets stage."""

from enforcement.audit.actors import Actor
from enforcement.audit.errors import not_found
from enforcement.audit.paging import Page, page_of
from enforcement.cases.models import Case
from enforcement.packets.models import Packet
from enforcement.staff.matrix import Permission, require


def list_packets(viewer: Actor, *, case: Case | None = None, state: str = "", cursor: str = "") -> Page[Packet]:
    """One page of packets, newest first; of one case where given."""
    require(viewer, Permission.PACKET_VIEW)
    found = Packet.objects.select_related("case", "file", "requested_by")
    if case is not None:
        found = found.filter(case=case)
    if state:
        found = found.filter(state=state)
    return page_of(found, order=("-id",), cursor=cursor)


def get_packet(viewer: Actor, *, packet_id: int) -> Packet:
    """One packet. Raises `Refusal` (404)."""
    require(viewer, Permission.PACKET_VIEW)
    packet = Packet.objects.select_related("case", "file", "inputs", "requested_by").filter(pk=packet_id).first()
    if packet is None:
        raise not_found("packet", packet_id)
    return packet


def file_name(packet: Packet) -> str:
    """What a downloaded packet is called: PK-2026-0001-v1.pdf."""
    return f"{packet.ref}-v{packet.version}.pdf"
