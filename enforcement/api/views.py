"""REST views: parse, authorize, call one service or selector, render."""

from typing import Any, cast

from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from enforcement.alerts.selectors import AlertFilters, get_alert, list_alerts
from enforcement.api.authentication import actor_of
from enforcement.api.bases import (
    FILE_BODIES,
    IDEMPOTENCY_KEY,
    ApiView,
    RawParser,
    documented,
    text_parameters,
    whole_number,
)
from enforcement.api.shapes import (
    AlertDetailShape,
    AlertPageShape,
    ImportPageShape,
    ImportShape,
    PostedShape,
    RejectPageShape,
    SignalShape,
    alert_shape,
    import_shape,
)
from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.ingest.selectors import get_import, list_imports, list_rejects, same_finished
from enforcement.ingest.services import post_signal, receive_import
from enforcement.signals.models import Detector
from enforcement.staff.matrix import Permission, Scope, require

_MAX_SIGNAL_BYTES = 1024**2
_STATUS_OF = {"created": 201, "folded": 200, "duplicate": 200, "revised": 200, "context": 200}
_PAGE = 100


class ImportsView(ApiView):
    """Receive a file of signals, and list what was received."""

    parser_classes = [MultiPartParser, RawParser]

    @documented("Receive a file of signals (NDJSON, also gzip)", {202: ImportShape, 200: ImportShape}, also=(409, 413, 415),
                request=FILE_BODIES, parameters=[*text_parameters("filename", "detector"), IDEMPOTENCY_KEY])  # fmt: skip
    def post(self, request: Request) -> Response:
        """202 with the job's address; 200 when the same file finished before, or the same key created it."""
        actor = actor_of(request)
        detector = _detector(actor, request.query_params.get("detector") or request.headers.get("X-Detector", ""))
        upload = _sent(request)
        if upload is None or not hasattr(upload, "read"):
            raise Refusal(
                "import.no_file", "Send the file as the body, or as the part named file.", field="file", status=400
            )
        name = request.query_params.get("filename") or getattr(upload, "name", None) or "upload.ndjson"
        key = request.headers.get("Idempotency-Key", "")
        found = receive_import(actor, detector=detector, stream=upload, filename=str(name)[:255], idempotency_key=key)
        same = same_finished(actor, job=found)
        body = {**import_shape(found), "same_as": same.pk if same else None}
        return Response(body, status=200 if same else 202, headers={"Location": body["address"]})

    @documented("Imports, newest first", {200: ImportPageShape}, operation_id="imports_list",
                parameters=text_parameters("detector", "state", "cursor"))  # fmt: skip
    def get(self, request: Request) -> Response:
        """One page."""
        query = request.query_params
        page = list_imports(
            actor_of(request), detector=query.get("detector"), state=query.get("state"), cursor=query.get("cursor", "")
        )
        return Response({"results": [import_shape(row) for row in page.rows], "older": page.older, "newer": page.newer})


class ImportView(ApiView):
    """One import."""

    @documented("State, counts and progress of one import", {200: ImportShape}, also=(404,))
    def get(self, request: Request, import_id: int) -> Response:
        """The job."""
        return Response(import_shape(get_import(actor_of(request), import_id=import_id)))


class RejectsView(ApiView):
    """The lines of an import that were refused."""

    @documented("Refused lines with line, column, value and reason", {200: RejectPageShape}, also=(404,),
                parameters=text_parameters("offset"))  # fmt: skip
    def get(self, request: Request, import_id: int) -> Response:
        """Up to 100 from `offset`."""
        offset = whole_number(request.query_params.get("offset", "0"), "offset")
        rows = list_rejects(actor_of(request), import_id=import_id, offset=offset, size=_PAGE)
        return Response({"results": rows, "next_offset": offset + len(rows) if len(rows) == _PAGE else None})


class AlertsView(ApiView):
    """Post one signal; list alerts."""

    parser_classes = [RawParser]

    @documented("Post one signal; on 201 or 200 the alert exists", {201: PostedShape, 200: PostedShape},
                also=(413, 422), request=SignalShape)  # fmt: skip
    def post(self, request: Request) -> Response:
        """201 created, 200 folded, duplicate, revised or a context record."""
        actor = actor_of(request)
        detector = _detector(actor, request.headers.get("X-Detector", ""))
        sent = _sent(request)
        body = sent.read(_MAX_SIGNAL_BYTES + 1) if sent is not None else b""
        if len(body) > _MAX_SIGNAL_BYTES:
            raise Refusal("signal.too_large", "One signal may have 1 MiB. Send files to /api/v1/imports/.", status=413)
        if not body.strip():
            raise Refusal("signal.empty", "The body is empty. Send one signal as a JSON object.", status=400)
        posted = post_signal(actor, detector=detector, body=body)
        answer = {"result": posted.result, "alert": posted.alert_id, "detail": posted.detail}
        return Response(answer, status=_STATUS_OF[posted.result])

    @documented("Alerts, newest first, without raw", {200: AlertPageShape}, operation_id="alerts_list",
                parameters=text_parameters("detector", "rule", "account", "cluster", "state", "sort", "cursor"))  # fmt: skip
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
            size=_PAGE,
        )
        return Response({"results": [alert_shape(row) for row in page.rows], "older": page.older, "newer": page.newer})


class AlertView(ApiView):
    """One alert."""

    @documented("One alert", {200: AlertDetailShape}, also=(404,))
    def get(self, request: Request, alert_id: int) -> Response:
        """The alert with its daily counts."""
        view = get_alert(actor_of(request), alert_id=alert_id)
        days = [{"day": str(day.day), "signals": day.signals, "exchanges": day.exchanges} for day in view.days]
        cluster = view.membership.cluster.ref if view.membership else None
        return Response({**alert_shape(view.alert), "cluster": cluster, "days": days})


def _sent(request: Request) -> Any:
    """The stream or uploaded part named file; none for an empty body."""
    return cast("dict[str, Any]", request.data).get("file")


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
