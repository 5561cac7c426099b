"""What every address of the REST interface shares: which bytes it reads, what it documents, what it never passes on."""

from collections.abc import Callable, Mapping
from typing import IO, Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from enforcement.api.problems import MEDIA_TYPE, TITLES
from enforcement.api.shapes import ProblemShape
from enforcement.audit.errors import Refusal

F = TypeVar("F", bound=Callable[..., Any])
_EVERYWHERE = (400, 401, 403, 406)
_MAX_OFFSET = 10**9


class RawParser(BaseParser):
    """Hands the body's stream on unread: a file of any size never stands in memory."""

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The stream itself, under the name `file`."""
        del media_type, parser_context
        return {"file": stream}


class ApiView(APIView):
    """A view that refuses what the database could not even be asked for."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who calls first; then a NUL in any parameter is refused by its name."""
        super().initial(request, *args, **kwargs)
        for name, values in request.query_params.lists():
            if any("\x00" in text for text in (name, *values)):
                shown = name.replace("\x00", "")
                raise Refusal("query.nul", f"The parameter {shown} holds a NUL character.", field=shown, status=400)


class NothingHereView(ApiView):
    """Every other address below the interface's own: a problem body, to people and programs alike."""

    permission_classes = []
    authentication_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """There is nothing to ask for, whatever the method."""
        raise exceptions.NotFound("There is nothing at this address. See /api/v1/schema/ for what there is.")

    @extend_schema(exclude=True)
    def get(self, request: Request, rest: str = "") -> Response:
        """Never reached: `initial` answers."""
        raise exceptions.NotFound


def documented(summary: str, answers: dict[int, Any], *, also: tuple[int, ...] = (), **more: Any) -> Callable[[F], F]:
    """`extend_schema` with the problem bodies that an operation may give beside its answers."""
    problems = {
        (status, MEDIA_TYPE): OpenApiResponse(ProblemShape, description=TITLES[status])
        for status in sorted({*_EVERYWHERE, *also})
    }
    decorate: Callable[[F], F] = extend_schema(summary=summary, responses={**answers, **problems}, **more)
    return decorate


def text_parameters(*names: str) -> list[OpenApiParameter]:
    """Optional text parameters of a list."""
    return [OpenApiParameter(name, str) for name in names]


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER,
    description="Same key and body: the import that it created. Same key, other body: 409.",
)  # fmt: skip
FILE_BODIES = {
    "application/x-ndjson": OpenApiTypes.BINARY,
    "application/gzip": OpenApiTypes.BINARY,
    "multipart/form-data": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}},
}


def whole_number(text: str, field: str) -> int:
    """A parameter as a whole number. Raises Refusal (400)."""
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > _MAX_OFFSET:
        raise Refusal("query.number", f"The {field} must be a whole number from 0 to {_MAX_OFFSET:,}.",
                      field=field, status=400)  # fmt: skip
    return int(text)
