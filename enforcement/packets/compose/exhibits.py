"""Sections 9 and 10: the register of what is preserved, and who touched it."""

from __future__ import annotations

from enforcement.packets.blocks import (
    CASE_RECORD,
    Block,
    Column,
    Note,
    Paragraph,
    Row,
    Section,
    Table,
    bold,
    cited,
    whole_hash,
)
from enforcement.packets.compose.context import Context, number, plural, second
from enforcement.packets.document_records import CustodyEvent

SHOWN_EVENTS = 60
FLOWING_ROWS = 8  # a register this short follows the section before it on the same page


def _register(ctx: Context) -> Table:
    items = sorted(ctx.inputs.exhibits, key=lambda e: e.number)
    rows = [
        Row(
            cells=[
                e.number,
                e.title + (f" ({e.note})" if e.note else ""),
                e.evidence_class,
                number(e.size_bytes),
                second(e.preserved_at),
                e.where,
            ],
            below=[whole_hash(e.sha256), f"   {e.media_type}"],
            anchor=e.number,
        )
        for e in items
    ]
    return Table(
        title=f"Exhibits {items[0].number} to {items[-1].number}" if len(items) > 1 else "Exhibits",
        key="exhibits",
        evidence_class="record",
        columns=[
            Column("Exhibit", 17),
            Column("Title, SHA-256, media type"),
            Column("Class", 18),
            Column("Bytes", 22, right=True),
            Column("Preserved (UTC)", 33),
            Column("Where", 31),
        ],
        rows=rows,
        sources=(*ctx.sources("custody"), CASE_RECORD),
    )


def exhibits(ctx: Context) -> Section:
    """Every exhibit with its full hash, on a line of its own."""
    opening = (
        "An exhibit is preserved as the bytes received, under its SHA-256. One number means the same "
        "bytes in every version of this packet. A later "
        "state of the same thing gets a number of its own and names the one that it continues. Where "
        "an exhibit is not attached to this PDF, "
        "the issuer keeps it under the same hash."
    )
    note = (
        "“Attached”: inside this PDF, see Section 17. “Issuer’s archive”: kept by the issuer under "
        "the same hash, available on request. Classes: a record; a summary of records whose underlying is made "
        "available; an illustrative aid; an opinion. A record that a person brought says what it says; the issuer "
        "vouches for its bytes alone."
    )
    return Section(
        number=9,
        title="Exhibits",
        new_page=len(ctx.inputs.exhibits) > FLOWING_ROWS,
        blocks=[Paragraph(runs=[opening]), _register(ctx), Note(runs=[note])],
    )


def _gap(ctx: Context) -> Paragraph:
    custody = ctx.inputs.custody
    text = " Between the observation of a signal and its arrival in the archive the bytes are held by the detector. "
    if custody.gap_median_minutes is None or custody.gap_longest_minutes is None:
        text += "How long that took was not measured for this case. "
    else:
        text += (
            f"For this case that took {custody.gap_median_minutes:,.0f} minutes at the median and "
            f"{custody.gap_longest_minutes:,.0f} minutes at most. "
        )
    text += "The packet can speak for integrity from arrival onward, not before."
    return Paragraph(runs=[bold("Gap."), text], sources=(CASE_RECORD,))


def _shown(ctx: Context) -> list[CustodyEvent]:
    events = sorted(ctx.inputs.custody.events, key=lambda c: (c.at, c.exhibit, c.event, c.by, c.detail))
    if len(events) <= SHOWN_EVENTS:
        return events
    # Mismatches stay visible however many events there are.
    loud = [e for e in events if e.hash_check == "MISMATCH"][:SHOWN_EVENTS]
    quiet = [e for e in events if e.hash_check != "MISMATCH"][: SHOWN_EVENTS - len(loud)]
    return sorted([*loud, *quiet], key=lambda c: (c.at, c.exhibit, c.event, c.by, c.detail))


def _events(ctx: Context, shown: list[CustodyEvent]) -> Table:
    known = {e.number for e in ctx.inputs.exhibits}
    rows = [
        Row(
            cells=[
                second(e.at),
                cited([e.exhibit]) if e.exhibit in known else e.exhibit,
                e.event,
                e.by,
                e.detail,
                [bold(e.hash_check)] if e.hash_check == "MISMATCH" else e.hash_check,
            ]
        )
        for e in shown
    ]
    return Table(
        title="Custody events, in order of time",
        key="custody",
        evidence_class="record",
        columns=[
            Column("Time (UTC)", 34),
            Column("Exhibit", 18),
            Column("Event", 22),
            Column("By", 30),
            Column("Detail"),
            Column("Hash", 20),
        ],
        rows=rows,
        sources=ctx.sources("custody"),
    )


def _opening(ctx: Context, shown: int) -> Paragraph:
    count = len(ctx.inputs.custody.events)
    mismatches = ctx.query("custody").count("mismatches")
    part = "All" if shown == count else f"{number(shown)} of the"
    outcome = "No hash failed to match." if not mismatches else f"{plural(mismatches, 'hash', 'hashes')} did not match."
    text = (
        "Every touch of an exhibit is an event: who, when, what, and whether the bytes still had "
        "their first hash. Events cannot be edited or removed by "
        f"the people who use the system. {part} {plural(count, 'event')} up to the build are "
        f"shown; the attached file has them all. {outcome}"
    )
    return Paragraph(runs=[text], sources=ctx.sources("custody"))


def custody(ctx: Context) -> Section:
    """Custody events in order of time, and the gap before arrival."""
    title, events = "Chain of custody", ctx.inputs.custody.events
    if not events:
        none = Paragraph(runs=["No custody event is recorded for the exhibits of this case."])
        return Section(number=10, title=title, new_page=False, blocks=[none, _gap(ctx)])
    shown = _shown(ctx)
    note = (
        "“First hash”: computed while the bytes were received or written. “Match”: read back and "
        "equal to the first hash. “–”: an event that does not hash."
    )
    blocks: list[Block] = [_opening(ctx, len(shown)), _events(ctx, shown), Note(runs=[note]), _gap(ctx)]
    return Section(number=10, title=title, new_page=len(shown) > FLOWING_ROWS, blocks=blocks)
