"""Who calls: a detector's token, or a signed-in person."""

from dataclasses import dataclass

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from enforcement.audit.actors import Actor
from enforcement.signals.services import authenticate_token
from enforcement.staff.actors import person_actor
from enforcement.staff.models import Person

_SCHEME = "bearer "


@dataclass(frozen=True)
class Machine:
    """What REST framework calls the user when a token calls."""

    actor: Actor
    is_authenticated: bool = True
    is_active: bool = True

    @property
    def pk(self) -> str:
        """A key for throttles and logs; never the secret."""
        return f"token-{self.actor.id}"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`. An unknown or revoked token is refused with 401, whatever else was sent."""

    def authenticate(self, request: Request) -> tuple[Machine, Actor] | None:
        """The machine and its actor, or none where no bearer token was sent."""
        header = request.headers.get("Authorization", "")
        if not header.lower().startswith(_SCHEME):
            return None
        actor = authenticate_token(header[len(_SCHEME) :].strip())
        return Machine(actor), actor

    def authenticate_header(self, request: Request) -> str:
        """Makes an unauthenticated answer 401 rather than 403."""
        del request
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registered by subclass
    """How the schema names bearer tokens."""

    target_class = TokenAuthentication
    name = "detectorToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """A bearer token."""
        del auto_schema
        return {"type": "http", "scheme": "bearer", "description": "A detector's token (manage.py create_token)."}


def actor_of(request: Request) -> Actor:
    """The actor behind a request. Raises 401 when there is none."""
    user: object = request.user
    if isinstance(user, Machine):
        return user.actor
    if isinstance(user, Person):
        return person_actor(user)
    raise NotAuthenticated
