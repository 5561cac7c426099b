"""Section 5: why the accounts belong together, in a picture, in words and in a table."""

from __future__ import annotations

from collections.abc import Sequence

from enforcement.packets.blocks import (
    CASE_RECORD,
    Block,
    Column,
    Figure,
    Heading,
    Note,
    Paragraph,
    Row,
    Section,
    Table,
    bold,
    see,
)
from enforcement.packets.compose.bits import bits_figure
from enforcement.packets.compose.context import Context, bits, listed, number, plural, spread
from enforcement.packets.document import Cluster, IdentifierRow
from enforcement.packets.drawing import drawing_of

HELD_BY = {
    "payment": "By payment instrument",
    "phone": "By phone number",
    "device": "By device",
    "conjunction": "By weaker identifiers in conjunction",
    "person": "By a person",
}
_EXPLAINED = {
    "payment": "Two or more accounts paid with the same instrument on common days.",
    "phone": "Two or more accounts used the same phone number on common days.",
    "device": "The same device signed in to two or more accounts on common days.",
    "conjunction": "No single identifier suffices. Several independent kinds are shared by more accounts on the "
    "same days than chance "
    "would give; two identifiers of kinds that imply each other count once.",
    "person": "The weight stayed below the threshold. A person confirmed the membership with a reason.",
}
_MARKED_ROWS = 24
_FEW_MEMBERS = 10


def image_name(index: int) -> str:
    """The file name of the picture of the cluster at this place in the inputs."""
    return f"cluster-{index + 1}.svg"


def _picture(index: int, cluster: Cluster, ctx: Context) -> list[Block]:
    if not cluster.places:
        return []
    drawn = drawing_of(cluster)
    inside = (
        f" Circles between them are {plural(drawn.hubs, 'identifier')} held across them; area follows "
        "accounts, and a line is as wide as the "
        "accounts that a place and an identifier share."
        if drawn.hubs
        else ""
    )
    text = f" has {plural(cluster.accounts, 'member')}. In "
    rest = (
        f" each dot stands for {plural(drawn.accounts_a_dot, 'account')}, packed into the "
        f"{cluster.place_words} through which most of them came; a pale dot is an account that is no longer "
        f"active.{inside}"
    )
    sources = ctx.sources("all_subjects", "identifiers", exhibits=cluster.exhibits)
    key = f"picture-{index}"
    return [
        Paragraph(runs=[f"Cluster {cluster.ref}", text, see(key), rest], sources=sources),
        Figure(
            key=key,
            title=f"Members of {cluster.ref} by {cluster.place_words}, and the identifiers shared across them",
            image=image_name(index),
            alt=drawn.words,
            sources=sources,
            evidence_class="illustrative aid",
            width_mm=166.0,
        ),
    ]


def _left_out(ctx: Context) -> Paragraph:
    small = [i for i in ctx.inputs.identifiers if not i.mark]
    if not small:
        return Paragraph(runs=["Every shared identifier is in the picture."])
    kinds: dict[str, int] = {}
    for item in small:
        kinds[item.kind] = kinds.get(item.kind, 0) + 1
    parts = [f"{number(count)} of kind {kind}" for kind, count in sorted(kinds.items())]
    few = sum(i.members <= _FEW_MEMBERS for i in small)
    text = (
        f"The picture leaves out {plural(len(small), 'identifier')}, or it would not be legible: {listed(parts)}. "
        f"{number(few)} of them tie {_FEW_MEMBERS} members or fewer together. "
    )
    return Paragraph(
        runs=[text, see("identifiers"), " counts them; all are in the attached file."],
        sources=ctx.sources("identifiers"),
    )


def _in_words(ctx: Context) -> list[Block]:
    held = ctx.query("held_by")
    examples = {e.name: e.value for cluster in ctx.inputs.clusters for e in cluster.examples}
    blocks: list[Block] = [Heading(text="How members were linked, in words")]
    for row in held.rows:
        kind, count, low, high = row
        label = HELD_BY.get(kind, f"By {kind}" if kind else "Not recorded")
        weight = f" The evidence that holds them weighs {spread(bits(low), bits(high))} bits." if low and high else ""
        text = f" {_EXPLAINED.get(kind, '')}{weight}"
        if kind in examples:
            text += f" Example: {examples[kind]}"
        blocks.append(
            Paragraph(runs=[bold(f"{label}, {plural(int(count), 'member')}."), text], sources=ctx.sources("held_by"))
        )
    return blocks


def _range_row(kind: str, items: Sequence[IdentifierRow]) -> Row:
    holders = [i.holders for i in items if i.holders is not None]
    return Row(
        cells=[
            "–",
            kind,
            f"{plural(len(items), 'identifier')}, in identifiers.csv",
            spread(number(min(i.members for i in items)), number(max(i.members for i in items))),
            spread(number(min(holders)), number(max(holders))) if holders else "–",
            spread(bits(min(i.bits for i in items)), bits(max(i.bits for i in items))),
        ]
    )


def _identifier_rows(items: Sequence[IdentifierRow]) -> list[Row]:
    """What the picture names, one row each; then one row for each kind of the rest."""
    marked = sorted((i for i in items if i.mark), key=lambda i: (i.kind, i.cluster, i.mark))[:_MARKED_ROWS]
    shown = {(i.kind, i.value, i.cluster) for i in marked}
    rows = [
        Row(
            cells=[
                i.mark,
                i.kind,
                i.value,
                number(i.members),
                number(i.holders) if i.holders is not None else "–",
                bits(i.bits),
            ]
        )
        for i in marked
    ]
    rest: dict[str, list[IdentifierRow]] = {}
    for item in items:
        if (item.kind, item.value, item.cluster) not in shown:
            rest.setdefault(item.kind, []).append(item)
    return rows + [_range_row(kind, rest[kind]) for kind in sorted(rest)]


def _identifiers(ctx: Context) -> list[Block]:
    items = ctx.inputs.identifiers
    if not items:
        return []
    link = ctx.inputs.method.link
    everybody = link is not None and link.denominators == "everybody"
    scope = "everybody on the service" if everybody else "accounts known here, not everybody"
    words = f"Members: accounts of the cluster that hold it. Holders: accounts that hold it among {scope}. "
    words += "Weight: of the identifier taken alone; kinds that imply one another count once. A member stands in one "
    words += "range of the picture and may have used others, so a range can have more members here than dots there."
    return [
        Table(
            title="Identifiers shared by members, and the weight of each",
            key="identifiers",
            evidence_class="summary of records",
            columns=[
                Column("Mark", 18),
                Column("Kind", 26),
                Column("Identifier"),
                Column("Members", 22, right=True),
                Column("Holders", 24, right=True),
                Column("Weight, bits", 24, right=True),
            ],
            rows=_identifier_rows(items),
            sources=ctx.sources("identifiers", exhibits=[e for c in ctx.inputs.clusters for e in c.exhibits]),
        ),
        Note(runs=[words]),
    ]


def cluster_and_links(ctx: Context) -> Section:
    """Pictures, the small sets left out of them, bases in words, identifiers with weights."""
    if not ctx.inputs.clusters:
        return Section(
            number=5, title="Cluster and links", blocks=[Paragraph(runs=["No cluster is part of this case."])]
        )
    blocks: list[Block] = []
    for index, cluster in enumerate(ctx.inputs.clusters):
        blocks += _picture(index, cluster, ctx)
    if any(cluster.places for cluster in ctx.inputs.clusters):
        blocks.append(_left_out(ctx))
    blocks.append(
        Paragraph(
            runs=[
                bold("A cluster is a finding about linkage."),
                (
                    " An office is a cluster too. What members did is shown by their alerts, and what "
                    "the issuer concluded by a finding for each (Section 7)."
                ),
            ],
            sources=(CASE_RECORD,),
        )
    )
    blocks += [*_in_words(ctx), *_identifiers(ctx), *bits_figure(ctx)]
    return Section(number=5, title="Cluster and links", blocks=blocks)
