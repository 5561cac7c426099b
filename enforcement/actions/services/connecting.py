"""Where actions are sent."""

import base64
import secrets

from django.db import transaction

from enforcement.actions.connectors import check_url
from enforcement.actions.models import Connector
from enforcement.audit.actors import Actor
from enforcement.audit.services import record_event
from enforcement.staff.matrix import Permission, require


def new_secret() -> str:
    """A Standard Webhooks secret: 24 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def set_connector(
    actor: Actor,
    *,
    name: str,
    url: str,
    secret: str = "",
    batch_size: int = 500,
    timeout_seconds: int = 20,
    is_demo: bool = False,
) -> Connector:
    """Make the connector of this name, or change where it sends. The newest active one is used.

    Raises `Refusal` for an address that may not be called. An empty `secret` keeps the one there is, or makes one.
    """
    if not is_demo or actor.kind != "system":
        require(actor, Permission.SETTINGS_EDIT)
    check_url(url)
    with transaction.atomic():
        connector = Connector.objects.select_for_update().filter(name=name).first() or Connector(name=name)
        connector.url, connector.batch_size, connector.timeout_seconds = url, batch_size, timeout_seconds
        connector.secret = secret or connector.secret or new_secret()
        connector.is_demo = is_demo
        connector.active = True
        connector.save()
        record_event(
            actor=actor, verb="actions.connector_set", target=connector, data={"url": url, "batch_size": batch_size}
        )
    return connector
