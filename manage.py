#!/usr/bin/env python
"""Every command that a person runs. Finds the servers of DOSSIER_HOME, or starts them for the command's duration."""

from __future__ import annotations

import os
import sys

from enforcement.embedded.environment import prepared
from enforcement.embedded.errors import EmbeddedServerError


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def main() -> None:
    """Run one command; a server that cannot be started is one sentence and exit status 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enforcement.settings")
    try:
        with prepared(sys.argv[1:], os.environ, say=_say):
            # Settings read the environment when they are imported, so Django comes after it is filled in.
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except EmbeddedServerError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
