"""Section 6: which organization is attributed, how sure the issuer is, and what else it could be."""

from __future__ import annotations

from enforcement.packets.blocks import (
    CASE_RECORD,
    Block,
    Column,
    Heading,
    Paragraph,
    Row,
    Runs,
    Section,
    Table,
    bold,
    cited,
)
from enforcement.packets.compose.context import Context
from enforcement.packets.document import CONFIDENCES

MEANINGS = {
    "high": "Several independent sources agree, at least one of them not under the issuer’s control; "
    "each alternative considered is "
    "contradicted by evidence. A second person has agreed in writing. High does not mean certain.",
    "moderate": (
        "The evidence is credible and fits; it is not corroborated enough, or one alternative remains plausible."
    ),
    "low": "The evidence is scant, or rests on one source or on inference. Useful to direct work, not to act on alone.",
}


def _attributions(ctx: Context) -> Table:
    rows = []
    order = {word: place for place, word in enumerate(CONFIDENCES)}
    for item in sorted(ctx.inputs.attributions, key=lambda a: (a.role, order.get(a.confidence, 9), a.organization)):
        name = f"{item.organization} (part of {item.parent})" if item.parent else item.organization
        basis = item.basis + (
            " Suggested by a rule from what accounts declared, which proves nothing." if item.suggested_by_rule else ""
        )
        rows.append(
            Row(cells=[name, item.role, [bold(item.confidence)], basis, cited(item.exhibits or (CASE_RECORD,))])
        )
    return Table(
        title="Attributions in this case",
        key="attributions",
        evidence_class="opinion",
        columns=[
            Column("Organization", 36),
            Column("Role", 24),
            Column("Confidence", 20),
            Column("Basis"),
            Column("Evidence", 30),
        ],
        rows=rows,
        sources=(CASE_RECORD,),
        show_source=False,
    )


def _alternatives(ctx: Context) -> list[Block]:
    if not ctx.inputs.alternatives:
        return [
            Paragraph(
                runs=[
                    bold("Alternatives."),
                    (
                        " No alternative explanation was recorded in this case. The confidence stated above is to be "
                        "read with that in mind."
                    ),
                ]
            )
        ]
    rows = [Row(cells=[a.explanation, a.speaks_for, a.speaks_against, a.outcome]) for a in ctx.inputs.alternatives]
    return [
        Heading(text="Alternatives considered"),
        Table(
            title="Competing explanations and what speaks for and against each",
            key="alternatives",
            evidence_class="opinion",
            columns=[
                Column("Explanation", 44),
                Column("Speaks for it"),
                Column("Speaks against it"),
                Column("Outcome", 28),
            ],
            rows=rows,
            sources=(CASE_RECORD,),
        ),
    ]


def _definitions() -> list[Block]:
    opening = (
        "An attribution says which organization stands behind conduct, and how sure the issuer is. "
        "It is a judgment on evidence, not an observation. The words have fixed meanings:"
    )
    return [
        Paragraph(runs=[opening]),
        Table(
            title="Confidence, as defined",
            key="confidence",
            evidence_class="opinion",
            columns=[Column("Word", 26), Column("Meaning")],
            rows=[Row(cells=[word, MEANINGS[word]]) for word in CONFIDENCES],
            sources=(CASE_RECORD,),
            show_source=False,
        ),
    ]


def _agreement(ctx: Context) -> list[Block]:
    blocks: list[Block] = []
    if ctx.inputs.would_change:
        runs: Runs = [bold("What would change this."), " " + ctx.inputs.would_change]
        blocks.append(Paragraph(runs=runs, sources=(CASE_RECORD,)))
    agreed = [f"{a.organization}: {a.agreed}." for a in ctx.inputs.attributions if a.agreed]
    if agreed:
        blocks.append(Paragraph(runs=[bold("Agreement."), " " + " ".join(agreed)], sources=(CASE_RECORD,)))
    else:
        none = " No agreement of a second person to an attribution, in writing, is recorded."
        blocks.append(Paragraph(runs=[bold("Agreement."), none]))
    return blocks


def attribution(ctx: Context) -> Section:
    """Definitions, attributions, alternatives, what would change the view, who agreed."""
    title = "Attribution"
    if not ctx.inputs.attributions:
        words = "The issuer attributes the conduct in this case to no organization."
        return Section(number=6, title=title, new_page=False, blocks=[Paragraph(runs=[words])])
    blocks = [*_definitions(), _attributions(ctx), *_alternatives(ctx), *_agreement(ctx)]
    return Section(number=6, title=title, new_page=False, blocks=blocks)
