"""Add a member of staff from the terminal."""

from typing import Any

from django.core.management.base import CommandParser

from enforcement.audit.actors import SYSTEM
from enforcement.commands.base import DossierCommand
from enforcement.staff.roles import Role
from enforcement.staff.services import create_person


class Command(DossierCommand):
    """`create_staff --email ADDRESS --name NAME --role ROLE ...`: the password is made here and shown this once."""

    help = "Add a member of staff with one or more roles; prints the password that was made for them, once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, and as what."""
        super().add_arguments(parser)
        roles = ", ".join(role.value for role in Role if role is not Role.MACHINE)
        parser.add_argument("--email", required=True, help="the address they sign in with")
        parser.add_argument("--name", required=True, help="their name, as pages and packets show it")
        parser.add_argument(
            "--role", required=True, action="append", nargs="+", help=f"one of {roles}; may be repeated"
        )

    def run(self, **options: Any) -> dict[str, Any]:
        """Create the person."""
        roles = sorted({role for group in options["role"] for role in group})
        person, password = create_person(SYSTEM, email=options["email"], name=options["name"], roles=roles)
        return {"id": person.pk, "email": person.email, "name": person.name, "roles": roles, "password": password}

    def tell(self, figures: dict[str, Any]) -> None:
        """Who was added, and their password."""
        self.stdout.write(f"{figures['name']} may sign in as {figures['email']} ({', '.join(figures['roles'])}).")
        self.stdout.write(f"Password, shown this once: {figures['password']}")
