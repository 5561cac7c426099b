"""Issue a detector's token: its secret is printed this once."""

from typing import Any

from django.core.management.base import CommandParser

from enforcement.audit.actors import SYSTEM
from enforcement.commands.base import DossierCommand
from enforcement.signals.models import Detector
from enforcement.signals.selectors import detector_named
from enforcement.signals.services import issue_token, register_detector


class Command(DossierCommand):
    """`create_token --detector SLUG`: only the SHA-256 of the secret is kept."""

    help = "Issue a token that may post signals as one detector and do nothing else; prints its secret, once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which detector."""
        super().add_arguments(parser)
        parser.add_argument("--detector", required=True, help="the short name of a detector")
        parser.add_argument("--register", action="store_true", help="register the detector first, if there is none")
        parser.add_argument("--name", default="", help="with --register: its name in words")
        parser.add_argument("--meters", help="with --register: the product whose exchanges it counts")

    def run(self, **options: Any) -> dict[str, Any]:
        """Issue it."""
        slug = options["detector"]
        if options["register"] and not Detector.objects.filter(slug=slug).exists():
            register_detector(SYSTEM, slug=slug, name=options["name"] or slug, meters=options["meters"])
        token, secret = issue_token(SYSTEM, detector=detector_named(options["detector"]))
        return {"detector": options["detector"], "token_id": token.pk, "token": secret}

    def tell(self, figures: dict[str, Any]) -> None:
        """The secret alone on standard output, so that it can be piped."""
        self.stdout.write(figures["token"])
        self.stderr.write(f"Token for {figures['detector']}, shown this once. Send it as: Authorization: Bearer TOKEN")
