"""Steps of the journey, each as a person takes it and sees it; all work with and without script."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from enforcement.packets.verifier import verify_file

CASE = "/cases/C-2026-0001/"
SOON = 30_000
LATER = 90_000


def told(page: Page, words: str | re.Pattern[str]) -> None:
    """A toast says what was done."""
    expect(page.locator("#toasts")).to_contain_text(words, timeout=SOON)


def asked(page: Page) -> Locator:
    """What is asked before an act: in a dialog, or without script on a page of its own."""
    form = page.locator("form.confirm")
    form.wait_for()
    return form


def confirm(page: Page, name: str | re.Pattern[str]) -> None:
    """Press the button of what is asked."""
    asked(page).get_by_role("button", name=name).click()


def state_is(page: Page, word: str) -> None:
    """The plate in the head of the case."""
    expect(page.locator(".head-meta .badge").first).to_have_text(word)


def open_and_investigate(page: Page) -> None:
    page.goto("/")
    page.get_by_role("main").get_by_role(
        "link", name=re.compile("C-2026-0001|coordinated", re.IGNORECASE)
    ).first.click()
    page.wait_for_url(f"**{CASE}**")
    state_is(page, "New")
    expect(page.get_by_role("region", name="Why it was opened")).to_contain_text("No single account crossed it")
    page.get_by_role("link", name="Start triage").click()
    confirm(page, re.compile("triage", re.IGNORECASE))
    state_is(page, "Triage")
    page.get_by_role("link", name="Investigate").click()
    confirm(page, re.compile("investigat", re.IGNORECASE))
    state_is(page, "Investigating")
    guard = page.locator("#guard")
    expect(guard).to_contain_text("missing before this can be submitted")
    expect(guard).to_contain_text("no finding")
    blocked = page.get_by_role("link", name="Submit for review")
    expect(blocked).to_have_attribute("aria-disabled", "true")


def preserve_evidence(page: Page, *, sample: bool = False) -> None:
    page.goto(f"{CASE}evidence/")
    page.get_by_role("link", name=re.compile("Extract")).first.click()
    page.get_by_label("Title").fill("Conduct signals of every subject")
    if sample:
        page.get_by_label("Seed").fill("7")
    page.get_by_role("button", name="Count what it would hold").click()
    expect(page.get_by_role("heading", name=re.compile(r"[\d,]+ signals match"))).to_be_visible()
    page.get_by_role("button", name=re.compile(r"Preserve (a sample of )?[\d,]+ signals")).click()
    told(page, re.compile(r"EV-1 holds [\d,]+ signals, SHA-256"))
    expect(page.get_by_role("main")).to_contain_text("SHA-256")


def find(page: Page) -> None:
    page.goto(f"{CASE}subjects/")
    page.get_by_role("link", name=re.compile("Set findings of all")).click()
    page.get_by_role("radio", name=re.compile("^Violating")).check()
    for clause in page.get_by_role("group", name="Clauses broken").get_by_role("checkbox").all():
        clause.check()
    page.get_by_role("textbox", name="Reason").fill("Own conduct shown by the alerts cited.")
    page.get_by_role("button", name=re.compile("Preview .* findings")).click()
    said = page.get_by_role("heading", level=1)
    expect(said).to_contain_text(re.compile(r"Set [\d,]+ findings to violating"))
    expect(page.get_by_role("table")).to_contain_text("Now")
    page.get_by_role("button", name=re.compile(r"^Set [\d,]+ findings$")).click()
    told(page, "set to violating")

    page.goto(f"{CASE}subjects/?finding=none")
    if page.get_by_role("link", name=re.compile("Set findings of all")).count():
        page.get_by_role("link", name=re.compile("Set findings of all")).click()
        page.get_by_role("radio", name=re.compile("^Unclear")).check()
        page.get_by_role("textbox", name="Reason").fill("Linked, but no conduct of its own.")
        page.get_by_role("button", name=re.compile("Preview")).click()
        page.get_by_role("button", name=re.compile(r"^Set [\d,]+ finding")).click()
        told(page, "set to unclear")

    page.goto(f"{CASE}subjects/")
    weakest = page.locator("main tbody tr").first
    account = weakest.locator("th .id").inner_text()
    weakest.get_by_role("checkbox").check()
    page.get_by_role("button", name="Carve out…").click()
    form = asked(page)
    expect(form.get_by_role("radio", name=re.compile("^Carve out"))).to_be_checked()
    form.get_by_role("textbox", name="Reason").fill("Weakest link of all; treated as a bystander.")
    form.get_by_role("button", name="Preview 1 finding…").click()
    page.get_by_role("button", name="Set 1 finding", exact=True).click()
    told(page, "1 finding set to carved out")
    page.goto(f"{CASE}subjects/?finding=carved_out")
    expect(page.locator("main tbody tr")).to_have_count(1)
    expect(page.locator("main tbody")).to_contain_text(account)


def attribute(page: Page) -> None:
    page.goto(f"{CASE}attribution/")
    expect(page.get_by_role("main")).to_contain_text("Suggested by a rule, at low confidence at most")
    page.get_by_role("link", name="Establish…").click()
    organization = page.get_by_label("Organization")
    expect(organization).not_to_have_value("")
    name = organization.input_value()
    page.get_by_label("Why").fill("Declared by accounts of the cluster; no independent source confirms it yet.")
    page.get_by_label(re.compile("What .* shows")).first.fill("What the accounts declared of themselves.")
    page.get_by_role("button", name="Establish the attribution").click()
    told(page, f"{name} stands as operator, low confidence")
    standing = page.get_by_role("region", name=name)
    expect(standing).to_contain_text("Ines Calloway")
    expect(standing).not_to_contain_text("Suggested by a rule")


def submit(page: Page) -> tuple[str, str]:
    page.goto(CASE)
    expect(page.locator("#guard")).to_contain_text("Nothing stands in the way of submitting")
    page.get_by_role("link", name="Submit for review").click()
    page.get_by_label("What is proposed, and why").fill("Suspend every account found violating; appeals are open.")
    press = page.get_by_role("button", name=re.compile(r"Submit [\d,]+ targets for review"))
    targets = re.search(r"[\d,]+", press.inner_text())
    assert targets is not None
    press.click()
    told(page, "targets frozen, digest")
    page.wait_for_url("**/decisions/**")
    frozen = page.get_by_role("region", name=f"Frozen: {targets[0]} targets")
    digest = re.sub(r"\s", "", frozen.locator("dd").first.inner_text())[:64]
    assert re.fullmatch(r"[0-9a-f]{64}", digest)
    expect(frozen).to_contain_text("Recomputed now: unchanged")
    expect(frozen).to_contain_text("not violating")
    return page.url, digest


def the_submitter_cannot_approve(page: Page, decision: str) -> None:
    page.goto(decision)
    expect(page.get_by_role("heading", name="Not yours to decide")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Decide on"))).to_have_count(0)


def approve(page: Page, decision: str, digest: str) -> None:
    page.goto("/decisions/")
    page.locator("main tbody th a").first.click()
    page.wait_for_url(decision)
    press = page.get_by_role("button", name=re.compile(r"Decide on [\d,]+ targets"))
    form = page.get_by_role("form", name="Your decision")
    form.get_by_label("First 8 characters of the digest").fill("00000000")
    form.get_by_role("textbox", name="Reason").fill("The sample supports the findings.")
    press.click()
    expect(form).to_contain_text("These are not the first characters of this digest")
    form.get_by_label("First 8 characters of the digest").fill(digest[:8])
    press.click()
    page.get_by_role("button", name=re.compile(r"Approve [\d,]+ targets")).click()
    told(page, re.compile("approv", re.IGNORECASE))
    expect(page.get_by_role("region", name="Who must agree")).to_contain_text("The sample supports the findings.")


def enforce(page: Page, decision: str) -> None:
    page.goto(decision)
    page.get_by_role("main").get_by_role("link", name=re.compile(r"Suspend [\d,]+ targets…")).first.click()
    expect(page.get_by_role("main")).to_contain_text("Demo platform")
    page.get_by_role("button", name=re.compile(r"Suspend [\d,]+ targets")).click()
    page.wait_for_url("**/actions/**")
    # The panel asks for itself every two seconds until it is over; nobody reloads.
    expect(page.get_by_role("region", name="Progress")).to_contain_text("100 % finished", timeout=60_000)
    page.reload()
    expect(page.get_by_role("region", name="Batches")).to_contain_text("answered 200")
    expect(page.locator("#targets tbody tr").first).to_contain_text("Done")
    expect(page.locator("#targets tbody tr").first).to_contain_text("op-")


def close(page: Page) -> None:
    page.goto(CASE)
    state_is(page, "Enforced")
    page.get_by_role("link", name="Close case…").click()
    form = asked(page)
    form.get_by_role("textbox", name="Reason").fill("Every target is done and was told.")
    if form.get_by_role("radio", name=re.compile("^Enforced")).count():
        form.get_by_role("radio", name=re.compile("^Enforced")).check()
    form.get_by_role("button", name=re.compile("Close")).click()
    state_is(page, "Closed")


def build_and_download(page: Page, folder: Path) -> Path:
    page.goto(f"{CASE}packets/")
    page.get_by_role("link", name="Request a packet…").last.click()
    page.get_by_role("button", name="Build version 1").click()
    page.wait_for_url("**/packets/*/")
    link = page.get_by_role("link", name=re.compile("^Download"))
    expect(page.locator(".head-meta .badge").first).to_have_text("Done", timeout=60_000)
    expect(page.get_by_role("region", name="Exactly this file")).to_contain_text("SHA-256")
    with page.expect_download() as started:
        link.click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    with page.expect_download() as certificate:
        page.get_by_role("link", name="Certificate").click()
    certificate.value.save_as(folder / "issuer.cert.pem")
    return path


def verify(packet: Path) -> None:
    assert packet.suffix == ".pdf"
    report = verify_file(packet, trust=packet.parent / "issuer.cert.pem")
    assert report.ok, report.verdict
    damaged = bytearray(packet.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    broken = packet.with_name("broken.pdf")
    broken.write_bytes(damaged)
    assert not verify_file(broken).ok


def a_closed_case_is_read_only(page: Page) -> None:
    page.goto(CASE)
    expect(page.get_by_role("main")).to_contain_text("C-2026-0001 is closed: enforced, and read-only")
    for name in ("Submit for review", "Investigate", "Note"):
        expect(page.get_by_role("link", name=name, exact=True)).to_have_count(0)
    page.goto(f"{CASE}subjects/")
    expect(page.locator("main .tick")).to_have_count(0)
    answer = page.goto(f"{CASE}evidence/upload/")
    assert answer is not None
    assert answer.status in {403, 409} or "read-only" in page.get_by_role("main").inner_text()
