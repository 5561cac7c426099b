"""Play the whole journey unattended, step by step, for a newcomer at a terminal."""

import threading
from pathlib import Path
from typing import Any

from django.conf import settings

from enforcement.actions.services import set_connector
from enforcement.actions.services.connecting import new_secret
from enforcement.audit.actors import SYSTEM
from enforcement.audit.services.seals import seal_now
from enforcement.audit.verification import verify_audit
from enforcement.commands import journey
from enforcement.commands.base import DossierCommand
from enforcement.commands.demonstration import load
from enforcement.commands.platform import Platform, make_server


class Command(DossierCommand):
    """`demo`: campaign, case, decision, actions against a receiver of its own, packet, verification."""

    help = "Play the demo campaign from files to a verified packet, which is left in DOSSIER_HOME."

    def run(self, **options: Any) -> dict[str, Any]:
        """The figures of the journey."""
        case = load(self.say)
        record = Path(settings.DOSSIER_HOME) / "demo" / "platform.ndjson"
        record.parent.mkdir(parents=True, exist_ok=True)
        secret = new_secret()
        server = make_server(Platform(secret, record))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            address = f"http://127.0.0.1:{server.server_port}/actions"
            set_connector(SYSTEM, name="Demo platform", url=address, secret=secret, is_demo=True)
            self.say("6  People work the case")
            case = journey.work(case, self.say)
            figures: dict[str, Any] = {"case": case.ref, "subjects": case.subjects.count()}
            if case.state not in {"closed", "enforced", "partially_enforced"}:
                self.say("7  Two people decide")
                decision = journey.decide(case, self.say)
                self.say("8  The actions run against a receiver")
                journey.enforce(decision, self.say)
        finally:
            server.shutdown()
            server.server_close()
        self.say("9  The packet is built, signed, and verified without database or network")
        figures |= journey.hand_over(case, self.say)
        seal_now()
        audit = verify_audit()
        self.say(f"10 The audit trail is verified: {'intact' if audit.intact else 'NOT intact'}")
        return {**figures, "audit_intact": audit.intact}
