"""The pictures of the documents: real pages of a fresh demo, 1280 pixels wide. `python -m tests.browser.pictures`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

# Before settings are read: it names the session's own home, storage and database.
from tests import databases  # isort: skip

import django
from playwright.sync_api import Page

from tests.browser.chromium import launched
from tests.browser.people import Visits
from tests.browser.sites import load_demo, site_of
from tests.browser.steps import (
    approve,
    attribute,
    build_and_download,
    close,
    enforce,
    find,
    open_and_investigate,
    preserve_evidence,
    submit,
)

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
WIDTH = 1280


def take(page: Page, path: str, name: str, *, height: int) -> None:
    """Open a page and keep its first `height` pixels."""
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.goto(path)
    page.mouse.move(0, 0)
    page.screenshot(path=FOLDER / f"{name}.png")
    sys.stdout.write(f"docs/pictures/{name}.png\n")


def draw(visits: Visits) -> None:
    """The four pictures, the last one at the end of the whole journey."""
    ines = visits.sign_in("ines")
    take(ines, "/cases/C-2026-0001/", "case", height=1085)
    take(ines, "/clusters/CL-0001/", "cluster", height=1138)
    take(ines, "/alerts/", "alerts", height=900)
    open_and_investigate(ines)
    preserve_evidence(ines)
    find(ines)
    attribute(ines)
    decision, digest = submit(ines)
    approve(visits.sign_in("ruth"), decision, digest)
    enforce(visits.sign_in("marta"), decision)
    close(visits.sign_in("daniel"))
    lena = visits.sign_in("lena")
    with tempfile.TemporaryDirectory() as folder:
        build_and_download(lena, Path(folder))
    take(lena, lena.url, "packet", height=900)


def main() -> None:
    """Load a demo of its own, serve it, and draw."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enforcement.settings")
    django.setup()
    databases.DATABASES.ensure()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with site_of(load_demo()) as site, launched() as browser:
        visits = Visits(site, browser)
        draw(visits)
        visits.close()


if __name__ == "__main__":
    main()
