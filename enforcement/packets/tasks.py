"""Celery entry points of the packets stage."""

from celery import shared_task

from enforcement.packets.services import build_packet


@shared_task(name="packets.build_packet")
def build_packet_task(packet_id: int) -> None:
    """Build a requested packet; one that is over is left alone."""
    build_packet(packet_id)
