"""Section 3: what was done, how well it is known to work, and what was not measured."""

from __future__ import annotations

from enforcement.packets.blocks import (
    CASE_RECORD,
    DETECTOR_REGISTER,
    Block,
    Column,
    Heading,
    Items,
    Note,
    Paragraph,
    Row,
    Runs,
    Section,
    Table,
    bold,
    mono,
    see,
    whole_hash,
)
from enforcement.packets.compose.context import Context, bits, day, minute, number, plural, share, spread
from enforcement.packets.document import LinkMethod


def _collect(ctx: Context) -> Paragraph:
    method = ctx.inputs.method
    signals = sum(d.signals for d in method.detectors)
    count = len(method.detectors)
    text = (
        f"{plural(count, 'detector')} {'observes' if count == 1 else 'observe'} the service and "
        f"{'writes' if count == 1 else 'write'} "
        f"signals, {number(signals)} of them on the subjects of this case. Every signal is kept in an "
        "archive of immutable segments. "
        "Exchanges are counted from the metering detector alone; what other detectors flag is never added to them."
    )
    return Paragraph(runs=[bold("Collect."), " " + text], sources=(DETECTOR_REGISTER, *method.archive_exhibits))


def _bar_words(link: LinkMethod) -> str:
    if link.bar_bits is None:
        return ""
    low, high = link.bar_bits
    reach = f"{bits(low)} bits or more" if low == high else f"at least {bits(low)} to {bits(high)} bits"
    return f": the members of this case had to reach {reach}, the bar rising with the population"


def _link(ctx: Context, link: LinkMethod) -> list[Block]:
    known = (
        f"counts for everybody: a population of {number(link.population)}"
        if link.population
        else "counts for everybody"
    )
    denominators = (
        known if link.denominators == "everybody" else "holders among the accounts known here, not among everybody"
    )
    as_of = f" as of {day(link.snapshot_as_of)}" if link.snapshot_as_of else ""
    first = (
        " An identifier that two accounts share weighs log₂(m/u) bits: m is how often accounts of "
        "one hand share such a thing, "
        "u how often strangers would, given how many accounts hold it. An identifier held by two "
        "accounts says much; one held by "
        "thousands says little alone. Kinds that imply one another count once. How common a value is "
        "was taken from "
        f"{link.snapshot or 'no reference snapshot'}{as_of} ({denominators})."
    )
    second = (
        f" Accounts join a cluster on evidence against its core as a whole{_bar_words(link)}. "
        f"The run relied on is {link.run_ref} of {minute(link.run_at)} UTC, method version {link.version}. Run twice on "
        "the same data it gives the same cluster."
    )
    sources = (CASE_RECORD, *ctx.sources("identifiers", exhibits=link.exhibits))
    return [
        Paragraph(runs=[bold("Link."), first], sources=sources),
        Paragraph(runs=[bold("Group."), second], sources=sources),
    ]


def _review(ctx: Context) -> Paragraph:
    findings = ctx.query("findings")
    text = (
        f" A person set a finding for each of {plural(findings.total('n'), 'subject')}; a rule may "
        "suggest, never find. A finding of "
        "violating names alerts or an extract of that account’s own conduct for each clause. Linkage "
        "alone supports no more than unclear."
    )
    return Paragraph(runs=[bold("Review."), text], sources=ctx.sources("findings", CASE_RECORD))


def _rates(ctx: Context) -> Table:
    rows = [
        Row(
            cells=[
                [mono(d.slug)],
                d.name,
                d.meters or "–",
                number(d.signals),
                "not stated" if d.false_positive_rate is None else share(round(d.false_positive_rate * 10**6), 10**6),
            ]
        )
        for d in ctx.inputs.method.detectors
    ]
    return Table(
        title="Detectors and their stated error",
        key="detectors",
        evidence_class="summary of records",
        columns=[
            Column("Detector", 34),
            Column("Observes"),
            Column("Meters", 18),
            Column("Signals", 26, right=True),
            Column("Stated false positives", 34, right=True),
        ],
        rows=rows,
        sources=(DETECTOR_REGISTER, *ctx.sources("findings")),
    )


def _detectors(ctx: Context) -> list[Block]:
    rules = [
        Row(cells=[[mono(r.rule)], [mono(d.slug)], r.title, r.version], below=[whole_hash(r.sha256)])
        for d in ctx.inputs.method.detectors
        for r in d.rules
    ]
    blocks: list[Block] = [
        _rates(ctx),
        Note(
            runs=[
                (
                    "Stated false positives: the share of honest accounts that the detector’s owner expects it "
                    "to flag. The rate was "
                    "stated by the owner when the detector was registered. It was not measured on this case."
                )
            ]
        ),
    ]
    if rules:
        blocks.append(
            Table(
                title="Rules seen in this case, each with the SHA-256 of its text",
                key="rules",
                evidence_class="record",
                columns=[Column("Rule", 28), Column("Detector", 34), Column("What it flags"), Column("Version", 22)],
                rows=rules,
                sources=(DETECTOR_REGISTER,),
            )
        )
    return blocks


_RATES_MEAN = (
    "Precision: of the accounts put together, the share that truly belong together (B-cubed). "
    "Recall: of those that truly "
    "belong together, the share put together. Low recall means members missed, not strangers added."
)


def _evaluation(ctx: Context, link: LinkMethod) -> list[Block]:
    rows = [
        Row(
            cells=[
                e.setting,
                f"{100 * e.precision:.1f}%",
                f"{100 * e.recall:.1f}%",
                number(e.accounts),
                number(e.honest_in_cases),
            ]
        )
        for e in ctx.inputs.method.evaluations
    ]
    if not rows:
        none = " No evaluation of the linking method on data whose truth is known is part of this packet."
        return [Paragraph(runs=[bold("Linking."), none])]
    return [
        Table(
            title=f"Linking method {link.version} on invented campaigns whose truth is known, not this case",
            key="evaluation",
            evidence_class="summary of records",
            columns=[
                Column("Setting"),
                Column("Precision", 24, right=True),
                Column("Recall", 24, right=True),
                Column("Accounts judged", 30, right=True),
                Column("Honest accounts in a case", 40, right=True),
            ],
            rows=rows,
            sources=ctx.inputs.method.evaluation_exhibits or (CASE_RECORD,),
        ),
        Note(runs=[_RATES_MEAN]),
    ]


def _weights(ctx: Context, link: LinkMethod) -> list[Block]:
    if not link.kinds:
        return []
    rows = [
        Row(cells=[[mono(k.kind)], k.meaning, spread(bits(k.bits_lowest), bits(k.bits_highest))]) for k in link.kinds
    ]
    return [
        Heading(text="Weight of each kind of identifier"),
        Paragraph(
            runs=[
                "Weights are data with a version. ",
                see("weights"),
                (
                    " gives the least and the most that one shared identifier of a kind "
                    "weighed in this run, from its most common value to its rarest."
                ),
            ],
        ),
        Table(
            title=f"Weights in method version {link.version}",
            key="weights",
            evidence_class="record",
            columns=[Column("Kind", 32), Column("What two accounts share"), Column("Weight, bits", 34, right=True)],
            rows=rows,
            sources=ctx.sources("identifiers", CASE_RECORD, exhibits=link.exhibits),
        ),
    ]


_NOT_MEASURED = (
    "Share of misses: there is no complete list of violations on the service to measure against.",
    "False positives of the detectors on this case, by a blind sample.",
    "Membership of this cluster, by blind reviewers.",
)
_NOT_DONE = ("No finding, proposal or approval was made by a program: each bears the name of a person.",)


def method_and_limits(ctx: Context) -> Section:
    """Repeatable by a stranger; error as stated and as measured; what was not measured and not done."""
    method = ctx.inputs.method
    blocks: list[Block] = [Heading(text="What was done"), _collect(ctx)]
    if method.link is not None:
        blocks += _link(ctx, method.link)
    blocks += [_review(ctx), Heading(text="Stated and measured error"), *_detectors(ctx)]
    if method.link is not None:
        blocks += [*_evaluation(ctx, method.link), *_weights(ctx, method.link)]
    if method.limits:
        items: list[Runs] = [[bold(f"{limit.name}."), f" {limit.value}"] for limit in method.limits]
        blocks += [Heading(text="Limits"), Items(items=items, ordered=True, sources=(CASE_RECORD,))]
    blocks += [
        Heading(text="What was not measured"),
        Items(items=[[text] for text in method.not_measured or _NOT_MEASURED], sources=(CASE_RECORD,)),
        Heading(text="What was not done"),
        Items(items=[[text] for text in method.not_done or _NOT_DONE], sources=(CASE_RECORD,)),
    ]
    return Section(number=3, title="Method and limits", blocks=blocks)
