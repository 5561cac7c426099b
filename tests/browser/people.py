"""A person at a browser: signed in, and with an ear for what the browser complains of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.browser.sites import Site

# Signing in hashes a password on purpose slowly; a session is kept for the next window of the same person.
_SESSIONS: dict[tuple[str, str], Any] = {}


@dataclass
class Visits:
    """Pages of one test. `complaints` holds console errors (refused content included) and uncaught exceptions."""

    site: Site
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def stranger(self, **options: Any) -> Page:
        """A page of somebody who has not signed in."""
        context = self.browser.new_context(
            base_url=self.site.url, **{"viewport": {"width": 1280, "height": 900}, **options}
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    def sign_in(self, name: str, **options: Any) -> Page:
        """A page of the demo person with this first name, signed in through the form."""
        known = (self.site.url, name)
        if known in _SESSIONS:
            page = self.stranger(storage_state=_SESSIONS[known], **options)
            page.goto("/")
            return page
        page = self.stranger(**options)
        page.goto("/")
        page.get_by_label("Work e-mail").fill(f"{name}@tallowmere.example")
        page.get_by_label("Password").fill(self.site.passwords[name])
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("#nav")).to_contain_text("Overview")
        _SESSIONS[known] = page.context.storage_state()
        return page

    def close(self) -> None:
        """Close every window."""
        for context in self.contexts:
            context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        # A page that is refused on purpose is no fault of the page; anything it asks for by itself is.
        refused_page = message.page is not None and message.location.get("url") == message.page.url
        if message.type == "error" and not refused_page:
            self.complaints.append(f"{message.location.get('url')}: {message.text}")
