"""The cover, how to read the packet, what changed, and the document's own metadata."""

from __future__ import annotations

from typing import Any

from enforcement.packets import finishing
from enforcement.packets.blocks import (
    CASE_RECORD,
    SEAL,
    Block,
    Column,
    Finisher,
    Heading,
    Items,
    Row,
    Table,
    mono,
    whole_hash,
)
from enforcement.packets.compose.context import Context, day, minute, number, plural
from enforcement.packets.compose.summary import title
from enforcement.packets.visible import visible

_TLP_WORDS = {
    "CLEAR": "Recipients may share without limit",
    "GREEN": "Recipients may share within their community, not publicly",
    "AMBER": "Recipients may share within their organization and with its clients, where needed",
    "AMBER+STRICT": "Recipients may share within their organization only, where needed",
    "RED": "For the named recipients alone",
}
_PROFILE_WORDS = {
    "internal": "for the issuer’s own use",
    "legal": "privileged and confidential",
    "producible": "privileged matter is left out",
}
MANIFEST_KEYWORD = "dossier-manifest-sha256:"
PACKET_KEYWORD = "dossier-packet:"
DIGEST_KEYWORD = "dossier-inputs:"


def _identity_rows(ctx: Context) -> list[tuple[str, Any]]:
    cover, redactions = ctx.inputs.cover, ctx.inputs.redactions
    supersedes = f"; supersedes version {cover.supersedes}" if cover.supersedes else ""
    redacted = plural(len(redactions), "redaction") if redactions else "no redaction"
    return [
        (
            "Case",
            (
                f"{cover.case_ref}, {cover.case_title}; opened {minute(cover.case_opened_at)} UTC; state on "
                f"this day: {cover.case_state}"
            ),
        ),
        ("Packet", f"{cover.packet_ref}, version {cover.version}{supersedes}"),
        ("Volume", ["1 of 1, pages from ", mono(f"{cover.bates_prefix}-0000001")]),
        (
            "Conduct period",
            f"{day(cover.conduct_from)} 00:00 to {day(cover.conduct_until)} 24:00 UTC, {plural(ctx.days, 'day')}",
        ),
        ("Facts as of", f"{minute(cover.facts_as_of)} UTC"),
        ("Profile", f"{cover.profile}: {_PROFILE_WORDS.get(cover.profile, 'as named')}; {redacted}, see Section 14"),
        ("Handling", f"TLP:{cover.tlp} (TLP 2.0). {_TLP_WORDS.get(cover.tlp, '')}"),
        ("Recipient", cover.recipient or "none named"),
    ]


def _content_rows(ctx: Context) -> list[tuple[str, Any]]:
    inputs = ctx.inputs
    pinned = next((v for v in inputs.policy.versions if v.pinned), None)
    policy = f"{pinned.name}, version {pinned.version}, in force from {day(pinned.in_force_from)}" if pinned else ""
    return [
        ("Policy", policy or "none pinned"),
        (
            "Contents",
            (
                f"{plural(len(inputs.exhibits), 'exhibit')}, {plural(len(ctx.queries), 'query', 'queries')}, "
                f"{plural(len(ctx.files), 'file')} and their manifest attached to this PDF"
            ),
        ),
        (
            "Audit seal",
            f"batch {number(inputs.seal.batch)}, see Section 18" if inputs.seal else "none yet, see Section 18",
        ),
        ("Inputs digest", [whole_hash(ctx.digest)]),
        ("Manifest", [whole_hash(ctx.manifest.sha256)]),
    ]


def _cover_rows(ctx: Context) -> list[Row]:
    return [Row(cells=[name, content]) for name, content in (*_identity_rows(ctx), *_content_rows(ctx))]


def cover_table(ctx: Context) -> dict[str, Any]:
    """The cover's table as the template reads it."""
    table = Table(
        columns=[Column("Item", 38, grey=True), Column("Content")],
        rows=_cover_rows(ctx),
        sources=(SEAL,),
        show_source=False,
    )
    return finishing.finish_blocks([table], Finisher(ctx.anchors))[0]


def _source_marks(ctx: Context) -> list[tuple[str, Any]]:
    queries = [q.number for q in ctx.queries.values()]
    exhibits = sorted(e.number for e in ctx.inputs.exhibits)
    sealed = (
        "The audit seal in Section 18 covers them."
        if ctx.inputs.seal
        else "No audit seal covered them yet when the inputs were frozen."
    )
    return [
        (
            f"{queries[0]} … {queries[-1]}",
            [
                "Query behind a number. Its result, rows and result hash are in Section 8; its text is in ",
                mono("queries.sql"),
                ".",
            ],
        ),
        (
            f"{exhibits[0]} … {exhibits[-1]}" if len(exhibits) > 1 else exhibits[0],
            (
                "Exhibit. Its SHA-256 is in Section 9. One number always means the same bytes, in every "
                "version of this packet."
            ),
        ),
        ("case record", f"The issuer’s own events and rows. {sealed}"),
        ("R-001", "Redaction. It stands where something was left out; Section 14 says what kind, how much, and why."),
    ]


def _writing_marks() -> list[tuple[str, Any]]:
    return [
        (
            "⟨U+202E⟩",
            (
                "A character that is invisible, changes reading direction, or has no printable form. The "
                "exact bytes are in the attached data."
            ),
        ),
        ("2026-06-05 14:00:04", "All times are UTC. Dates are year-month-day."),
        (
            "1,234,567",
            "The comma groups thousands, the full stop marks decimals. Counts are exact unless the text says “about”.",
        ),
    ]


def front_blocks(ctx: Context) -> list[dict[str, Any]]:
    """`How to read this packet` and `What changed`, after the contents."""
    first = ("1, 2, 3 … in the margin", "Paragraph number. It runs through the whole packet, for citing.")
    marks = [first, *_source_marks(ctx), *_writing_marks()]
    blocks: list[Block] = [
        Heading(text="How to read this packet"),
        Table(
            columns=[Column("Mark", 38), Column("Meaning")],
            rows=[Row(cells=list(mark)) for mark in marks],
            sources=(CASE_RECORD,),
            show_source=False,
            narrow=True,
        ),
    ]
    cover = ctx.inputs.cover
    if cover.supersedes:
        changes = cover.changes or ("No list of changes was recorded.",)
        blocks += [
            Heading(text=f"What changed since version {cover.supersedes}"),
            Items(items=[[c] for c in changes], sources=(CASE_RECORD,)),
        ]
    return finishing.finish_blocks(blocks, Finisher(ctx.anchors))


def _stamp_box(authority: str) -> list[str]:
    if authority:
        return [
            "A trusted time stamp is set when this packet is sealed.",
            (
                f"The authority is {authority}. Section 18 says what the signature and the stamp cover. Other "
                "times in this packet come from the issuer’s own clocks."
            ),
        ]
    return [
        "This packet bears no trusted time stamp.",
        (
            "No time-stamp authority was configured when it was built. The times it states come from the "
            "issuer’s own clocks. They show the order of events in the "
            "issuer’s records; they do not prove to a third party that the packet existed on a given "
            "day. Section 18 says what the signature covers."
        ),
    ]


def meta(ctx: Context) -> dict[str, Any]:
    """Document metadata, furniture, and the statement on time stamps."""
    cover, at, authority = ctx.inputs.cover, ctx.inputs.cover.built_at, ctx.inputs.signature.time_stamp_authority
    head = ["Evidence packet", f"Case {cover.case_ref}"] + (
        ["Synthetic data, all content invented"] if cover.synthetic else []
    )
    pinned = next((v.name for v in ctx.inputs.policy.versions if v.pinned), "terms of service")
    return {
        "document_title": visible(f"Evidence packet {cover.packet_ref} version {cover.version}: {title(ctx)}"),
        "description": visible(f"Evidence packet of case {cover.case_ref}, profile {cover.profile}"),
        "keywords": [
            f"{MANIFEST_KEYWORD}{ctx.manifest.sha256}",
            f"{PACKET_KEYWORD}{cover.packet_ref}/{cover.version}",
            f"{DIGEST_KEYWORD}{ctx.digest}",
        ],
        "issuer": visible(cover.issuer),
        "issuer_line": visible(f"{cover.issuer}   ·   Enforcement of the {pinned}"),
        "subtitle": visible(title(ctx)),
        "head": [visible(part) for part in head],
        "foot": visible(f"{cover.packet_ref} version {cover.version}"),
        "profile": visible(cover.profile),
        "stamp_foot": "Time stamp requested" if authority else "No trusted time stamp",
        "stamp_box": [visible(part) for part in _stamp_box(authority)],
        "tlp": cover.tlp,
        "bates": visible(cover.bates_prefix),
        "check_command": f"verify_packet {cover.packet_ref}-v{cover.version}.pdf",
        "built": [at.year, at.month, at.day, at.hour, at.minute, at.second],
    }
