"""REST views: parse, authorize, call one service or selector, render."""

from collections.abc import Mapping
from typing import IO, Any, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from enforcement.alerts.selectors import AlertFilters, get_alert, list_alerts
from enforcement.api.authentication import actor_of
from enforcement.api.shapes import AlertShape, ImportShape, PostedShape, SignalShape, alert_shape, import_shape
from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.ingest.selectors import get_import, list_imports, list_rejects
from enforcement.ingest.services import post_signal, receive_import
from enforcement.signals.models import Detector
from enforcement.staff.matrix import Permission, Scope, require

_MAX_SIGNAL_BYTES = 1024**2
_STATUS_OF = {"created": 201, "folded": 200, "duplicate": 200, "revised": 200, "context": 200}


class RawParser(BaseParser):
    """Hands the body's stream on unread: a file of any size never stands in memory."""

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The stream itself, under the name `file`."""
        del media_type, parser_context
        return {"file": stream}


class ImportsView(APIView):
    """Receive a file of signals, and list what was received."""

    parser_classes = [MultiPartParser, RawParser]

    @extend_schema(
        summary="Receive a file of signals (NDJSON, also gzip)",
        request={"application/x-ndjson": OpenApiTypes.BINARY, "application/gzip": OpenApiTypes.BINARY,
                 "multipart/form-data": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}},
        parameters=[OpenApiParameter("filename", str), OpenApiParameter("detector", str)],
        responses={202: ImportShape, 200: ImportShape},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """202 with the job's address; 200 when the same file finished before."""
        actor = actor_of(request)
        detector = _detector(actor, request.query_params.get("detector") or request.headers.get("X-Detector", ""))
        upload = cast("dict[str, Any]", request.data).get("file")
        if upload is None:
            raise Refusal(
                "import.no_file", "Send the file as the body, or as the part named file.", field="file", status=400
            )
        name = request.query_params.get("filename") or getattr(upload, "name", None) or "upload.ndjson"
        found = receive_import(actor, detector=detector, stream=upload, filename=str(name)[:255])
        body = import_shape(found)
        return Response(body, status=200 if found.same_as_id else 202, headers={"Location": body["address"]})

    @extend_schema(summary="Imports, newest first", responses={200: ImportShape(many=True)},
                   parameters=[OpenApiParameter("detector", str), OpenApiParameter("state", str), OpenApiParameter("cursor", str)])  # fmt: skip
    def get(self, request: Request) -> Response:
        """One page."""
        query = request.query_params
        page = list_imports(
            actor_of(request), detector=query.get("detector"), state=query.get("state"), cursor=query.get("cursor", "")
        )
        return Response({"results": [import_shape(row) for row in page.rows], "older": page.older, "newer": page.newer})


class ImportView(APIView):
    """One import."""

    @extend_schema(summary="State, counts and progress of one import", responses={200: ImportShape})
    def get(self, request: Request, import_id: int) -> Response:
        """The job."""
        return Response(import_shape(get_import(actor_of(request), import_id=import_id)))


class RejectsView(APIView):
    """The lines of an import that were refused."""

    @extend_schema(summary="Refused lines with line, column, value and reason", responses={200: OpenApiTypes.OBJECT},
                   parameters=[OpenApiParameter("offset", int)])  # fmt: skip
    def get(self, request: Request, import_id: int) -> Response:
        """Up to 100 from `offset`."""
        offset = _whole(request.query_params.get("offset", "0"), "offset")
        rows = list_rejects(actor_of(request), import_id=import_id, offset=offset, size=100)
        return Response({"results": rows, "next_offset": offset + len(rows) if len(rows) == 100 else None})


class AlertsView(APIView):
    """Post one signal; list alerts."""

    parser_classes = [RawParser]

    @extend_schema(summary="Post one signal; on 201 or 200 the alert exists", request=SignalShape,
                   responses={201: PostedShape, 200: PostedShape})  # fmt: skip
    def post(self, request: Request) -> Response:
        """201 created, 200 folded, duplicate, revised or a context record."""
        actor = actor_of(request)
        detector = _detector(actor, request.headers.get("X-Detector", ""))
        body = cast("dict[str, Any]", request.data)["file"].read(_MAX_SIGNAL_BYTES + 1)
        if len(body) > _MAX_SIGNAL_BYTES:
            raise Refusal("signal.too_large", "One signal may have 1 MiB. Send files to /api/v1/imports/.", status=413)
        posted = post_signal(actor, detector=detector, body=body)
        answer = {"result": posted.result, "alert": posted.alert_id, "detail": posted.detail}
        return Response(answer, status=_STATUS_OF[posted.result])

    @extend_schema(summary="Alerts, newest first, without raw", responses={200: AlertShape(many=True)},
                   parameters=[OpenApiParameter(name, str) for name in ("detector", "rule", "account", "cluster", "state", "sort", "cursor")])  # fmt: skip
    def get(self, request: Request) -> Response:
        """One page of 100."""
        query = request.query_params
        filters = AlertFilters(
            states=tuple(query.getlist("state")),
            detector=query.get("detector", ""),
            rule=query.get("rule", ""),
            account=query.get("account", ""),
            cluster=query.get("cluster", ""),
        )
        page = list_alerts(
            actor_of(request),
            filters=filters,
            sort=query.get("sort", "-last_seen"),
            cursor=query.get("cursor", ""),
            size=100,
        )
        return Response({"results": [alert_shape(row) for row in page.rows], "older": page.older, "newer": page.newer})


class AlertView(APIView):
    """One alert."""

    @extend_schema(summary="One alert", responses={200: AlertShape})
    def get(self, request: Request, alert_id: int) -> Response:
        """The alert with its daily counts."""
        view = get_alert(actor_of(request), alert_id=alert_id)
        days = [{"day": str(day.day), "signals": day.signals, "exchanges": day.exchanges} for day in view.days]
        cluster = view.membership.cluster.ref if view.membership else None
        return Response({**alert_shape(view.alert), "cluster": cluster, "days": days})


def _detector(actor: Actor, slug: str) -> Detector:
    """The detector that a call posts as: a token's own, or the one that a person names."""
    if actor.kind == "machine":
        detector = Detector.objects.get(pk=actor.detector_id or 0)
        if slug and slug != detector.slug:
            raise Refusal("token.other_detector", f"This token posts as {detector.slug} alone, not as {slug}.",
                          field="detector", status=403)  # fmt: skip
        require(actor, Permission.SIGNAL_POST, Scope(detector_id=detector.pk))
        return detector
    require(actor, Permission.IMPORT_CREATE)
    found = Detector.objects.filter(slug=slug).first()
    if found is None:
        raise Refusal(
            "detector.not_found", "Name the detector: ?detector=slug, as registered.", field="detector", status=400
        )
    return found


def _whole(text: str, field: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise Refusal("query.number", f"{field} must be a whole number of 0 or more.", field=field, status=400)
    return int(text)
