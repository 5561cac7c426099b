"""The whole journey through the pages alone: from the overview to a packet that verifies, each step as a person sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.people import Visits
from tests.browser.steps import (
    a_closed_case_is_read_only,
    approve,
    attribute,
    build_and_download,
    close,
    enforce,
    find,
    open_and_investigate,
    preserve_evidence,
    submit,
    the_submitter_cannot_approve,
    verify,
)

pytestmark = pytest.mark.browser


def test_a_case_goes_from_the_overview_to_a_verified_packet(own_visits: Visits, tmp_path: Path) -> None:
    ines = own_visits.sign_in("ines")
    open_and_investigate(ines)
    preserve_evidence(ines)
    find(ines)
    attribute(ines)
    decision, digest = submit(ines)
    the_submitter_cannot_approve(ines, decision)
    approve(own_visits.sign_in("ruth"), decision, digest)
    enforce(own_visits.sign_in("marta"), decision)
    close(own_visits.sign_in("daniel"))
    packet = build_and_download(own_visits.sign_in("lena"), tmp_path)
    verify(packet)
    a_closed_case_is_read_only(ines)
