"""The demo platform: an HTTP receiver that behaves as a platform should, and can be told to misbehave.

Same `webhook-id`, same answer: a batch that is sent again changes nothing. `POST /control` takes {"status": 503, "times": 2}
(answer the next two batches so) and {"fail_accounts": [...]} (these accounts fail until the list is emptied).
"""

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

_MAX_BODY_BYTES = 64 * 1024**2
_SHARES = 10_000


@dataclass
class Platform:
    """What the platform knows: answers by key, accounts that fail, statuses to answer next."""

    secret: str
    record: Path
    fail_share: float = 0.0
    answers: dict[str, bytes] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    fail_accounts: set[str] = field(default_factory=set)
    statuses: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def receive(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """(HTTP status, answer) for one batch."""
        try:
            message = Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError as error:
            return 401, _json({"error": f"signature: {error}"})
        key = {name.lower(): value for name, value in headers.items()}["webhook-id"]
        with self.lock:
            if self.statuses:
                return self.statuses.pop(0), _json({"error": "told to fail"})
            if key not in self.answers:
                self.answers[key] = _json({"results": [self._apply(target) for target in message["data"]["targets"]]})
                self._write(key, message)
            return 200, self.answers[key]

    def control(self, body: bytes) -> tuple[int, bytes]:
        """Be told how to behave."""
        wanted = json.loads(body)
        with self.lock:
            self.statuses += [int(wanted.get("status", 503))] * int(wanted.get("times", 0))
            if "fail_accounts" in wanted:
                self.fail_accounts = set(wanted["fail_accounts"])
        return 200, _json({"statuses": self.statuses, "fail_accounts": len(self.fail_accounts)})

    def _apply(self, target: dict[str, Any]) -> dict[str, Any]:
        account = str(target["account"])
        attempt = self.seen.get(account, 0)
        self.seen[account] = attempt + 1
        unlucky = (
            attempt == 0 and int(hashlib.sha256(account.encode()).hexdigest(), 16) % _SHARES < self.fail_share * _SHARES
        )
        if account in self.fail_accounts or unlucky:
            return {
                "target": target["target"],
                "status": "failed",
                "reason": "The account is locked by another operation.",
            }
        return {"target": target["target"], "status": "done", "reference": f"op-{account[-8:]}", "notice_shown": True}

    def _write(self, key: str, message: dict[str, Any]) -> None:
        line = {"at": datetime.now(UTC).isoformat(), "key": key, "message": message}
        with self.record.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")


def make_server(platform: Platform, *, port: int = 0) -> ThreadingHTTPServer:
    """A server on loopback, ready to serve; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if length > _MAX_BODY_BYTES:
                self._answer(413, b"{}")
                return
            body = self.rfile.read(length)
            if self.path == "/control":
                self._answer(*platform.control(body))
            else:
                self._answer(*platform.receive(body, dict(self.headers.items())))

        def do_GET(self) -> None:
            self._answer(200, _json({"batches": len(platform.answers), "accounts": len(platform.seen)}))

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
            """Nothing: what was told stands in the record."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def serve(*, port: int, secret: str, record: Path, fail_share: float, told: Callable[[str], None]) -> None:
    """Serve until ended; `told` hears the address."""
    record.parent.mkdir(parents=True, exist_ok=True)
    server = make_server(Platform(secret, record, fail_share), port=port)
    told(f"http://127.0.0.1:{server.server_port}/actions")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
