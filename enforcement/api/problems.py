"""Every error of the REST interface as an RFC 9457 problem body."""

from collections.abc import Mapping
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404
from django.http.request import UnreadablePostError
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from enforcement.audit.database_errors import refusal_from
from enforcement.audit.errors import Refusal

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "The request is not valid",
    401: "Sign in or send a token",
    403: "Not permitted",
    404: "Not there",
    405: "Not this method",
    406: "Only JSON is spoken here",
    409: "The state stands in the way",
    413: "Too large",
    415: "Not this media type",
    422: "Refused",
    429: "Too many requests",
    500: "A fault of the program",
}


def problem(status_code: int, code: str, detail: str, *, field: str | None = None) -> Response:
    """A problem response. `code` is stable, `detail` says what was wrong and what to do, `field` where."""
    body: dict[str, Any] = {
        "type": f"urn:dossier:problem:{code}",
        "title": TITLES.get(status_code, "Error"),
        "status": status_code,
        "detail": detail,
        "code": code,
    }
    if field:
        body["field"] = field
    return Response(body, status=status_code, content_type=MEDIA_TYPE)


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response:
    """REST framework's exception handler: refusals, database refusals, the framework's own errors, and faults.

    A fault is logged with its trace; the caller learns only that it was ours.
    """
    if isinstance(error, DatabaseError):
        error = refusal_from(error) or error
    if isinstance(error, Refusal):
        set_rollback()
        log.info("refused", code=error.code, path=context["request"].path)
        response = problem(error.status, error.code, error.message, field=error.field)
        if error.status == status.HTTP_401_UNAUTHORIZED:
            response["WWW-Authenticate"] = "Bearer"
        return response
    if isinstance(error, Http404):
        return problem(404, "not_found", "There is nothing at this address. See /api/v1/schema/ for what there is.")
    if isinstance(error, PermissionDenied):
        return problem(403, "not_permitted", "This is not permitted.")
    if isinstance(error, RequestDataTooBig):
        return problem(413, "too_large", "This body is too large to be read as a form. Send the file as the body.")
    if isinstance(error, SuspiciousOperation | UnreadablePostError):
        return problem(
            400, "unreadable", "This request cannot be read: it is malformed, or was cut off. Send it again."
        )
    return _framework(error, context)


def _framework(error: Exception, context: Mapping[str, Any]) -> Response:
    response = exception_handler(error, dict(context))
    if response is None or not isinstance(error, exceptions.APIException):
        set_rollback()
        log.error("api_fault", path=context["request"].path, exc_info=error)
        return problem(500, "fault", "This stopped on a fault of the program, which was logged. Nothing was changed.")
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else "invalid"
    detail = error.detail if isinstance(error.detail, str) else "The request is not valid: " + str(error.detail)
    made = problem(response.status_code, code, f"{str(detail).rstrip('.')}.")
    for header in ("WWW-Authenticate", "Retry-After", "Allow"):
        if response.has_header(header):
            made[header] = response[header]
    return made
