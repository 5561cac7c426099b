"""Members by the bits that hold them: a figure of Section 5."""

from __future__ import annotations

from enforcement.packets.blocks import Block, Figure
from enforcement.packets.compose.context import Context, number
from enforcement.packets.pictures.palette import for_paper
from enforcement.packets.pictures.steps import step_chart
from enforcement.packets.pictures.svg import Svg

BITS_IMAGE = "bits.svg"
_MOST_STEPS = 10


def steps(ctx: Context) -> list[tuple[str, int]]:
    """(`12 to under 14`, members) from the lowest bits to the highest, at most ten steps of whole bits."""
    counts = {int(low): int(n) for low, n in ctx.query("bits").rows}
    if not counts:
        return []
    first, last = min(counts), max(counts)
    width = (last - first) // _MOST_STEPS + 1
    return [
        (f"{low} to under {low + width}", sum(counts.get(bit, 0) for bit in range(low, low + width)))
        for low in range(first, last + 1, width)
    ]


def _words(ctx: Context) -> str:
    told = "; ".join(f"{words} bits: {number(count)}" for words, count in steps(ctx))
    return f"Members by the bits of the evidence that holds them, highest and lowest included: {told}."


def bits_svg(ctx: Context) -> Svg:
    """The figure as SVG for paper."""
    return for_paper(step_chart(steps(ctx), key="bits", title="Members by bits", told=_words(ctx)))


def bits_figure(ctx: Context) -> list[Block]:
    """The figure, or nothing where fewer than two steps have members."""
    if len(steps(ctx)) < 2:
        return []
    link = ctx.inputs.method.link
    bar = ""
    if link is not None and link.bar_bits is not None:
        low, high = link.bar_bits
        bar = f" (bar: {low:.1f} bits)" if low == high else f" (bars: {low:.1f} to {high:.1f} bits)"
    return [
        Figure(
            key="bits",
            title=f"Members by bits of the evidence that holds them{bar}",
            image=BITS_IMAGE,
            alt=_words(ctx),
            sources=ctx.sources("bits"),
            evidence_class="summary of records",
            width_mm=140.0,
        )
    ]
