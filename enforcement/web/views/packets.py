"""Packets: requesting one, watching it build, its facts, and taking it along."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from enforcement.cases.selectors import get_case
from enforcement.evidence.selectors import list_items
from enforcement.packets.models import Packet
from enforcement.packets.selectors import file_name, get_packet, list_packets
from enforcement.packets.services import identity, open_packet, request_packet
from enforcement.packets.signing import CERTIFICATE_FILE
from enforcement.staff.matrix import Permission, can, require
from enforcement.web.forms.acts import bound
from enforcement.web.forms.settings import PacketForm
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.cases import tab_url
from enforcement.web.shaping.confirming import done
from enforcement.web.shaping.lists import cursor_of, paged
from enforcement.web.templatetags.addresses import changed_query
from enforcement.web.views.workspace import case_of

_VIEWS = (("All", ""), ("Being built", "running"), ("Queued", "queued"), ("Done", "done"), ("Failed", "failed"))
CERTIFICATE_NAME = "issuer.cert.pem"


@require_GET
def packets(request: HttpRequest) -> HttpResponse:
    """Packets, newest first."""
    viewer = actor_of(request)
    state = request.GET.get("state", "")
    page = list_packets(viewer, state=state, cursor=cursor_of(request))
    tabs = [{"title": t, "url": changed_query(request.GET, state=s or None), "here": s == state} for t, s in _VIEWS]
    return render(request, "web/packets/list.html", paged(request, page) | {"tabs": tabs, "state": state})


def request_one(request: HttpRequest, ref: str) -> HttpResponse:
    """Ask for a packet of a case."""
    actor = actor_of(request)
    require(actor, Permission.PACKET_BUILD)
    case = case_of(request, ref)
    form = bound(PacketForm, request)
    if request.method == "POST" and form.is_valid():
        packet = form.attempt(lambda: request_packet(actor, case=case, tlp=form.cleaned_data["tlp"]))
        if packet is not None:
            return done(request, f"{packet} is being built", reverse("web:packet", args=[packet.pk]))
    view = get_case(actor, ref=ref)
    context = {
        "form": form, "case": case, "view": view, "items": list_items(actor, case=case, withdrawn_too=False),
        "back_url": tab_url(case.ref, "packets"), "time_stamps": bool(settings.TIME_STAMP_URL), "issuer": settings.ISSUER,
        "earlier": list_packets(actor, case=case).total,
    }  # fmt: skip
    return render(request, "web/packets/request.html", context, status=422 if form.errors else 200)


def _job(packet: Packet) -> dict[str, Any]:
    return {
        "id": f"packet-{packet.pk}", "title": f"Building {packet}", "kind": "packet", "state": packet.state,
        "done": packet.progress_done, "total": packet.progress_total or None, "words": packet.progress_note,
        "failure": packet.failure,
    }  # fmt: skip


def _shared(packet: Packet) -> dict[str, Any]:
    waiting = packet.state in {"queued", "running"}
    poll = reverse("web:packet_progress", args=[packet.pk]) if waiting else ""
    return {"packet": packet, "case": packet.case, "job": _job(packet), "poll_url": poll, "waiting": waiting}


@require_GET
def packet(request: HttpRequest, packet_id: int) -> HttpResponse:
    """One packet: what it is, what it froze, how to verify it."""
    viewer = actor_of(request)
    row = get_packet(viewer, packet_id=packet_id)
    name = file_name(row)
    context = _shared(row) | {
        "file_name": name, "certificate_name": CERTIFICATE_NAME,
        "command": f"python manage.py verify_packet {name} --trust {CERTIFICATE_NAME}",
        "fingerprint": identity().certificate_sha256 if row.file else "",
        "may_build": can(viewer, Permission.PACKET_BUILD),
    }  # fmt: skip
    return render(request, "web/packets/page.html", context)


@require_GET
def progress(request: HttpRequest, packet_id: int) -> HttpResponse:
    """The progress panel alone; when the packet is there, the page is loaded anew."""
    row = get_packet(actor_of(request), packet_id=packet_id)
    answer = render(request, "components/progress.html", _shared(row))
    if row.state not in {"queued", "running"}:
        answer["HX-Refresh"] = "true"
    return answer


@require_GET
def packet_file(request: HttpRequest, packet_id: int) -> FileResponse:
    """The signed file; taking it is recorded."""
    actor = actor_of(request)
    row = get_packet(actor, packet_id=packet_id)
    stream = open_packet(actor, packet=row)
    return FileResponse(stream, as_attachment=True, filename=file_name(row), content_type="application/pdf")


@require_GET
def certificate(request: HttpRequest) -> FileResponse:
    """The issuer's certificate, to hand to whoever verifies."""
    require(actor_of(request), Permission.PACKET_VIEW)
    identity()
    path = Path(settings.KEYS_ROOT) / CERTIFICATE_FILE
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=CERTIFICATE_NAME, content_type="application/x-pem-file"
    )
