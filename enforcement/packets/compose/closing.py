"""Sections 14 to 17: what is missing, what counsel may complete, words, and files."""

from __future__ import annotations

from enforcement.packets.blocks import (
    CASE_RECORD,
    SEAL,
    Block,
    Box,
    Column,
    Fixed,
    Paragraph,
    Row,
    Runs,
    Section,
    Table,
    bold,
    mono,
    whole_hash,
)
from enforcement.packets.compose.context import Context, day, number
from enforcement.packets.compose.glossary import WORDS


def redactions(ctx: Context) -> Section:
    """What was left out, how much and why; or that nothing was."""
    items = sorted(ctx.inputs.redactions, key=lambda r: r.number)
    if not items:
        text = (
            "Nothing was redacted: no value, text or item that this packet would show under its profile was left out."
        )
        return Section(number=14, title="Redaction log", new_page=False, blocks=[Paragraph(runs=[text])])
    opening = (
        "What was redacted is not in this file: not in its text, pictures, attachments, metadata or "
        "names of files. Nothing is covered over. Each "
        "entry says what kind of thing was left out, how much, how, and why, without repeating it."
    )
    rows = [Row(cells=[r.number, r.what, r.how_much, r.how, r.ground, r.where], anchor=r.number) for r in items]
    return Section(
        number=14,
        title="Redaction log",
        new_page=False,
        blocks=[
            Paragraph(runs=[opening]),
            Table(
                title=f"Redactions under the profile {ctx.inputs.cover.profile}",
                key="redactions",
                evidence_class="record",
                columns=[
                    Column("No.", 15),
                    Column("What", 36),
                    Column("How much", 24),
                    Column("How", 34),
                    Column("Ground"),
                    Column("Where", 24),
                ],
                rows=rows,
                sources=(CASE_RECORD,),
            ),
        ],
    )


def certification(ctx: Context) -> Section:
    """A template for counsel: unsigned, blanks left blank."""
    cover = ctx.inputs.cover
    numbers = [e.number for e in ctx.inputs.exhibits if e.evidence_class == "record" and e.generated]
    covered = ", ".join(numbers) + "." if numbers else "none, since the system generated no exhibit of this packet."
    data = {"from": day(cover.conduct_from), "until": day(cover.facts_as_of.date()), "covered": covered}
    box = (
        "No person has certified this packet. The two parts below are offered to counsel as a "
        "starting point under Federal Rules of Evidence 902(13) "
        "and 902(14). Counsel decides whether they fit, and completes them with a person who can "
        "testify to every sentence."
    )
    return Section(
        number=15,
        title="Certification template",
        blocks=[
            Box(runs=[bold("Unsigned template."), " " + box], sources=(CASE_RECORD,)),
            Fixed(name="certification", data=data),
        ],
    )


def glossary(used: str) -> Section:
    """The words that occur in `used`, the packet's own text in lower case."""
    rows = [Row(cells=[word, meaning]) for word, needles, meaning in WORDS if any(n in used for n in needles)]
    return Section(
        number=16,
        title="Glossary",
        blocks=[
            Table(
                columns=[Column("Word", 44), Column("Meaning in this packet")],
                rows=rows,
                sources=(CASE_RECORD,),
                show_source=False,
            )
        ],
    )


def _files(ctx: Context) -> Table:
    files = [*sorted(ctx.files, key=lambda f: f.name), ctx.manifest]
    rows = [
        Row(
            cells=[
                [mono(f.name)],
                f.what,
                f.media_type,
                number(len(f.content)),
                "–" if f.rows is None else number(f.rows),
            ],
            below=[whole_hash(f.sha256)],
        )
        for f in files
    ]
    return Table(
        title="Attached files",
        key="manifest",
        evidence_class="record",
        columns=[
            Column("File", 38),
            Column("Contents, SHA-256"),
            Column("Media type", 30),
            Column("Bytes", 20, right=True),
            Column("Rows", 16, right=True),
        ],
        rows=rows,
        sources=(SEAL,),
        show_source=False,
    )


def manifest(ctx: Context) -> Section:
    """Every attached file with its hash; the manifest's own hash stands below and on the cover."""
    opening: Runs = [
        "These files are attached to this PDF; any reader that shows attachments can save them. ",
        mono("manifest.json"),
        " (format ",
        mono("dossier-manifest/1"),
        (
            ") lists the same values for machines. It does not list itself; its own SHA-256 stands on "
            "the cover and below. A cell that a spreadsheet would read as a formula starts with "
            "an apostrophe."
        ),
    ]
    blocks: list[Block] = [Paragraph(runs=opening, sources=(SEAL,)), _files(ctx)]
    return Section(number=17, title="Manifest", new_page=False, blocks=blocks)
