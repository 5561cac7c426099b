"""Every error of the REST interface as an RFC 9457 problem body."""

from collections.abc import Mapping
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from enforcement.audit.database_errors import refusal_from
from enforcement.audit.errors import Refusal

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"
_TITLES = {
    400: "The request is not valid",
    401: "Sign in or send a token",
    403: "Not permitted",
    404: "Not there",
    405: "Not this method",
    409: "The state stands in the way",
    413: "Too large",
    415: "Not this media type",
    422: "Refused",
    429: "Too many requests",
}


def problem(status_code: int, code: str, detail: str, *, field: str | None = None) -> Response:
    """A problem response. `code` is stable, `detail` says what was wrong and what to do, `field` where."""
    body: dict[str, Any] = {
        "type": f"urn:dossier:problem:{code}",
        "title": _TITLES.get(status_code, "Error"),
        "status": status_code,
        "detail": detail,
        "code": code,
    }
    if field:
        body["field"] = field
    return Response(body, status=status_code, content_type=MEDIA_TYPE)


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's exception handler: refusals, database refusals and the framework's own errors."""
    if isinstance(error, DatabaseError):
        found = refusal_from(error)
        if found is None:
            return None
        error = found
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
    return _framework(error, context)


def _framework(error: Exception, context: Mapping[str, Any]) -> Response | None:
    response = exception_handler(error, dict(context))
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else "invalid"
    detail = error.detail if isinstance(error.detail, str) else "The request is not valid: " + str(error.detail)
    made = problem(response.status_code, code, str(detail))
    for header in ("WWW-Authenticate", "Retry-After", "Allow"):
        if response.has_header(header):
            made[header] = response[header]
    return made
