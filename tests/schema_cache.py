"""The migrated template as SQL, kept between test sessions: replaying some 250 operations takes ten times as long.

The key covers everything that decides what `migrate` makes. `DOSSIER_TEST_FRESH=1` migrates in any case.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psycopg

from enforcement.embedded.home import CHECKOUT
from enforcement.embedded.place import wheel_install
from enforcement.embedded.schema import schema_digest

FOLDER = CHECKOUT / ".pytest_cache" / "schemas"
KEPT = 3


def cache_file() -> Path:
    """Where the schema of the code as it stands is, or would be, kept."""
    return FOLDER / f"{schema_digest()[:32]}.sql"


def load(superuser_url: str) -> bool:
    """Fill an empty database from the cache; False if there is nothing for this code."""
    file = cache_file()
    if os.environ.get("DOSSIER_TEST_FRESH") == "1" or not file.exists():
        return False
    # Lines with a backslash are meant for psql.
    script = "".join(
        line
        for line in file.read_text("utf-8").splitlines(keepends=True)
        if not line.startswith(("\\restrict", "\\unres"))
    )
    with psycopg.connect(superuser_url) as connection:
        connection.execute(script.encode())
    return True


def save(superuser_url: str) -> None:
    """Keep what the database holds, rights and rows included; a failure costs the next session its shortcut alone."""
    program = wheel_install() / "bin" / "pg_dump"
    dumped = subprocess.run(
        [program, "--no-password", "--inserts", "--quote-all-identifiers", f"--dbname={superuser_url}"],
        capture_output=True,
        check=False,
    )
    if dumped.returncode != 0:
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = cache_file()
    partial = file.with_suffix(f".{os.getpid()}.partial")
    partial.write_bytes(dumped.stdout)
    partial.replace(file)
    for old in sorted(FOLDER.glob("*.sql"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)
