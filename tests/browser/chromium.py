"""The machine's own Chromium, found by name and never downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGUMENTS = (
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
    "--force-color-profile=srgb", "--hide-scrollbars",
)  # fmt: skip


def find_chromium() -> str | None:
    """Where Chromium is, if anywhere; `CHROMIUM` names one outside the path."""
    given = os.environ.get("CHROMIUM")
    return given or next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser with a fresh profile. The system's sandbox cannot be had as root."""
    arguments = [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()
