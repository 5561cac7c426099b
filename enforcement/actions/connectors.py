"""How one batch of targets is told to the platform: a signed webhook (Standard Webhooks), answered target by target."""

import ipaddress
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from standardwebhooks import Webhook

from enforcement.actions.models import Connector
from enforcement.audit.errors import Refusal

EVENT_TYPE = "enforcement.action"
_ANSWERS = frozenset({"done", "failed"})
_MAX_ANSWER_BYTES = 8 * 1024**2


@dataclass(frozen=True)
class Answer:
    """What the platform said: `results` maps a target's id to (done or failed, its words, its own reference, notice shown)."""

    status: int
    results: Mapping[int, tuple[str, str, str, bool]]


class DeliveryError(Exception):
    """A batch that was not taken; `again` says whether the same batch may be sent later. The message says why."""

    def __init__(self, message: str, *, again: bool, status: int | None = None) -> None:
        super().__init__(message)
        self.again = again
        self.status = status


def check_url(url: str) -> None:
    """Raise `Refusal` unless `url` may be called: https anywhere public, http on this machine alone."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refusal("connector.url", "The address must begin with https:// and name a host.", field="url", status=400)
    try:
        found = {ipaddress.ip_address(info[4][0]) for info in socket.getaddrinfo(parts.hostname, parts.port or 443)}
    except OSError as error:
        raise Refusal(
            "connector.host", f"The host {parts.hostname} cannot be found.", field="url", status=400
        ) from error
    local = all(address.is_loopback for address in found)
    if parts.scheme == "http" and not local:
        raise Refusal("connector.plain", "Plain http is for this machine alone; use https.", field="url", status=400)
    if not local and any(address.is_private or address.is_link_local or address.is_multicast for address in found):
        raise Refusal("connector.private", f"{parts.hostname} leads into a private network.", field="url", status=400)


def send(connector: Connector, *, key: str, body: Mapping[str, Any], target_ids: frozenset[int]) -> Answer:
    """Post one batch under its idempotency key and read the answer for exactly these targets.

    Raises `DeliveryError`: `again` for time-outs, connection faults, 429 and 5xx; not for other refusals or an answer
    that is not one. A target that the answer does not name has failed.
    """
    check_url(connector.url)
    now = datetime.now(UTC)
    text = json.dumps(
        {"type": EVENT_TYPE, "timestamp": now.isoformat(), "data": body}, sort_keys=True, separators=(",", ":")
    )
    headers = {
        "Content-Type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(connector.secret).sign(msg_id=key, timestamp=now, data=text),
    }
    try:
        response = requests.post(
            connector.url,
            data=text.encode(),
            headers=headers,
            timeout=connector.timeout_seconds,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise DeliveryError(f"The platform could not be reached: {type(error).__name__}.", again=True) from error
    if response.status_code == 429 or response.status_code >= 500:
        raise DeliveryError(f"The platform answered {response.status_code}.", again=True, status=response.status_code)
    if response.status_code != 200:
        raise DeliveryError(
            f"The platform refused the batch with {response.status_code}.", again=False, status=response.status_code
        )
    return Answer(response.status_code, _results(response, target_ids))


def _results(response: requests.Response, target_ids: frozenset[int]) -> dict[int, tuple[str, str, str, bool]]:
    try:
        if len(response.content) > _MAX_ANSWER_BYTES:
            raise ValueError("too long")
        rows = response.json()["results"]
        found = {
            int(row["target"]): (
                str(row["status"]),
                str(row.get("reason") or "")[:300],
                str(row.get("reference") or "")[:120],
                bool(row.get("notice_shown")),
            )
            for row in rows
            if int(row["target"]) in target_ids and row["status"] in _ANSWERS
        }
    except (ValueError, KeyError, TypeError) as error:
        raise DeliveryError(
            "The platform's answer is not one: it names no results.", again=False, status=response.status_code
        ) from error
    missing = dict.fromkeys(target_ids, ("failed", "The platform's answer does not name this target.", "", False))
    return {**missing, **found}
