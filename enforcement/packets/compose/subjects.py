"""Sections 7 and 8: the subjects with their findings, and the query behind every number."""

from __future__ import annotations

from enforcement.packets.blocks import (
    CASE_RECORD,
    Block,
    Code,
    Column,
    Heading,
    Note,
    Paragraph,
    Row,
    Runs,
    Section,
    Table,
    mono,
    see,
    whole_hash,
)
from enforcement.packets.compose.context import Context, bits, day, number, plural, share
from enforcement.packets.document import FINDINGS
from enforcement.packets.document_records import SubjectRow

SHOWN_ROWS = 18
_GROUP_ROWS = 12
_LONGEST_HUB = 7
_SUBJECT_NOTE = (
    "Hub: the network range of the figure in which the account stands; “other”: a range not drawn. "
    "Days: days with at least one exchange. Alerts: those of its own that its finding names. "
    "The list stops here by design; the file is the record."
)
_SHOWN_QUERIES = ("violating_net", "by_day", "targets")


def _by_group(ctx: Context) -> list[Block]:
    query = ctx.query("by_group")
    if len(query.rows) < 2:
        return []
    ordered = sorted(query.rows, key=lambda row: (-int(row[1]), row[0]))
    rows = [
        Row(cells=[name or "no group seen", number(int(n)), number(int(x or 0)), number(int(x or 0) / int(n))])
        for name, n, x in ordered[:_GROUP_ROWS]
    ]
    rest = ordered[_GROUP_ROWS:]
    if rest:
        n, x = sum(int(r[1]) for r in rest), sum(int(r[2] or 0) for r in rest)
        rows.append(Row(cells=[f"{number(len(rest))} more groups", number(n), number(x), number(x / n)]))
    n, x = query.total("n"), query.total("exchanges")
    rows.append(Row(cells=["All", number(n), number(x), number(x / n)], total=True))
    return [
        Table(
            title="Subjects by group: the organization that the account declared",
            key="groups",
            evidence_class="summary of records",
            columns=[
                Column("Group"),
                Column("Subjects", 30, right=True),
                Column("Exchanges", 36, right=True),
                Column("Exchanges for each subject", 42, right=True),
            ],
            rows=rows,
            sources=ctx.sources("by_group"),
        )
    ]


def _by_finding(ctx: Context) -> Table:
    query = ctx.query("findings")
    whole, subjects = query.total("exchanges"), query.total("n")
    rows = [
        Row(
            cells=[
                finding,
                number(query.count(finding=finding)),
                number(query.count("exchanges", finding=finding)),
                share(query.count("exchanges", finding=finding), whole),
            ]
        )
        for finding in FINDINGS
    ]
    rows.append(Row(cells=["All", number(subjects), number(whole), share(whole, whole)], total=True))
    return Table(
        title="Subjects by finding",
        key="findings",
        evidence_class="opinion",
        columns=[
            Column("Finding, as frozen"),
            Column("Subjects", 30, right=True),
            Column("Exchanges", 36, right=True),
            Column("Share of exchanges", 42, right=True),
        ],
        rows=rows,
        sources=ctx.sources("findings"),
    )


def _places(ctx: Context) -> dict[tuple[str, str], str]:
    """The mark of each range that a picture draws, by cluster and value."""
    return {(i.cluster, i.value): i.mark for i in ctx.inputs.identifiers if i.mark}


def _row(subject: SubjectRow, places: dict[tuple[str, str], str]) -> Row:
    hub = places.get((subject.cluster, subject.hub), subject.hub if len(subject.hub) <= _LONGEST_HUB else "other")
    return Row(
        cells=[
            [mono(subject.account)],
            hub or "–",
            day(subject.first_day),
            day(subject.last_day),
            number(subject.active_days),
            number(subject.exchanges),
            number(subject.alerts),
            subject.held_by or "–",
            bits(subject.bits) if subject.bits is not None else "–",
            subject.finding,
        ]
    )


def _most(ctx: Context) -> list[Block]:
    order = {finding: place for place, finding in enumerate(FINDINGS)}
    ranked = sorted(ctx.inputs.subjects, key=lambda s: (order.get(s.finding, 9), -s.exchanges, s.account))
    shown = ranked[:SHOWN_ROWS]
    return [
        Table(
            title=f"Subjects found violating first, then by exchanges: rows 1 to {len(shown)} of {number(len(ranked))}",
            key="subjects",
            evidence_class="summary of records",
            columns=[
                Column("Account"),
                Column("Hub", 12),
                Column("First day", 18),
                Column("Last day", 18),
                Column("Days", 10, right=True),
                Column("Exchanges", 17, right=True),
                Column("Alerts", 12, right=True),
                Column("Held by", 22),
                Column("Bits", 10, right=True),
                Column("Finding", 22),
            ],
            rows=[_row(s, _places(ctx)) for s in shown],
            sources=ctx.sources("findings", "all_subjects"),
        ),
        Note(runs=[_SUBJECT_NOTE]),
    ]


def subjects(ctx: Context) -> Section:
    """Counts by finding and group, a capped table, and where the full list is."""
    count = ctx.query("all_subjects").count()
    file = next(f for f in ctx.files if f.name == "subjects.csv")
    opening: Runs = [
        (
            f"A subject is an account as it stands in this case. {'All' if count != 1 else 'The'} "
            f"{plural(count, 'subject')} {'are' if count != 1 else 'is'} in the attached file "
        ),
        mono("subjects.csv"),
        f" ({number(len(file.content))} bytes; SHA-256 in Section 17). ",
        see("findings"),
        " counts them; ",
        see("subjects"),
        " shows some, only to make the file’s columns plain.",
    ]
    blocks: list[Block] = [
        Paragraph(runs=opening, sources=ctx.sources("all_subjects", "findings")),
        _by_finding(ctx),
        *_by_group(ctx),
        *_most(ctx),
    ]
    return Section(number=7, title="Subjects", blocks=blocks)


def _register(ctx: Context) -> Table:
    rows = [
        Row(
            cells=[
                q.number,
                q.what,
                q.value,
                number(len(q.rows)),
                "case record" if q.on_archive else "attached files",
            ],
            below=[whole_hash(q.sha256)],
            anchor=q.number,
        )
        for q in ctx.queries.values()
    ]
    return Table(
        title="Queries, results and result hashes",
        key="queries",
        evidence_class="summary of records",
        columns=[
            Column("Query", 13),
            Column("What it counts, and SHA-256 of its result"),
            Column("Value", 38),
            Column("Rows", 14, right=True),
            Column("Runs on", 26),
        ],
        rows=rows,
        sources=(CASE_RECORD,),
        show_source=False,
    )


def numbers(ctx: Context) -> Section:
    """The query register, with the text of three."""
    queries = list(ctx.queries.values())
    on_archive = sum(q.on_archive for q in queries)
    opening = (
        "Every count of accounts, exchanges, targets and appeals in the narrative comes from one of "
        f"these {number(len(queries))} queries or from the "
        f"source named beside it. {number(len(queries) - on_archive)} of them run on the files "
        "attached to this PDF: save the files, run "
    )
    closing = (
        " with DuckDB in their folder, and compare. A result hash is the SHA-256 of the result as "
        "CSV (UTF-8, line feeds, header, rows in the stated order)."
    )
    if on_archive:
        closing += f" {number(on_archive)} ran on the issuer’s own records, which stay with the issuer."
    shown = "\n\n".join(f"-- {q.number} {q.what}\n{q.sql}" for q in queries if q.key in _SHOWN_QUERIES)
    return Section(
        number=8,
        title="Numbers and the queries behind them",
        blocks=[
            Paragraph(runs=[opening, mono("queries.sql"), closing], sources=(CASE_RECORD,)),
            _register(ctx),
            Heading(text="Text of three of the queries"),
            Code(shown),
            Note(runs=["All of them are in ", mono("queries.sql"), "."]),
        ],
    )
