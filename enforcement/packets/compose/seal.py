"""Section 18: what the seal means, what ties the packet to the issuer's records, how to check both."""

from __future__ import annotations

from enforcement.packets.blocks import (
    SEAL,
    Block,
    Column,
    Fixed,
    Heading,
    Items,
    Mark,
    Note,
    Paragraph,
    Row,
    Section,
    Table,
    bold,
    mono,
    whole_hash,
)
from enforcement.packets.canonical import FORMAT, typst_version
from enforcement.packets.compose.context import Context, number, second
from enforcement.packets.signing import FIELD_NAME

_COVERS = (
    "The signature covers every byte of this file, attachments included. It says which "
    "organization’s key sealed the packet and that nothing "
    "changed since. It does not say that the content is true, and it is not the signature of a person."
)
_REBUILD = "The same inputs give the same bytes before signing. Whoever holds the inputs can build the packet again "
_LIMITS = (
    "What no check can show: that the clocks were right, that the detectors were right, or that "
    "nothing was left out before it reached "
    "the archive. For these the packet offers Section 3, and a person who can be asked."
)


def _applied(ctx: Context) -> Table:
    signature, cover = ctx.inputs.signature, ctx.inputs.cover
    stamp = (
        f"requested from {signature.time_stamp_authority} when the packet is sealed (RFC 3161); it covers the signature"
        if signature.time_stamp_authority
        else "none. No RFC 3161 authority was configured; a stamped copy would be a new file of the same version"
    )
    form = "PAdES baseline B-T" if signature.time_stamp_authority else "PAdES baseline B-B"
    rows = [
        Row(cells=["Signer", signature.signer]),
        Row(cells=["Certificate, SHA-256", [mono(signature.certificate_sha256)]]),
        Row(cells=["Form", f"{form}, certifying, RSA-3072 with SHA-256, certificate included"]),
        Row(cells=["Revocation evidence", "none included; the certificate is the issuer’s own"]),
        Row(cells=["Stated build time", f"{second(cover.built_at)} UTC, by the issuer’s clock"]),
        Row(
            cells=[
                "Trusted time stamp",
                [bold("none.") if not signature.time_stamp_authority else "", stamp.removeprefix("none.")],
            ]
        ),
    ]
    return Table(
        title="Signature, as applied when the packet is sealed",
        key="signature",
        evidence_class="record",
        columns=[Column("Item", 44), Column("Content")],
        rows=rows,
        sources=(SEAL,),
        show_source=False,
    )


def _ties(ctx: Context) -> Table:
    seal = ctx.inputs.seal
    rows = [Row(cells=["Inputs digest", [whole_hash(ctx.digest)]])]
    rows += [
        Row(cells=[f"Approved snapshot digest, {r.ref}", [whole_hash(r.digest)]])
        for r in ctx.inputs.decision.rounds
        if r.state == "approved"
    ]
    if seal is None:
        rows.append(Row(cells=["Audit seal", "none: no batch had been sealed when the inputs were frozen"], anchor=""))
    else:
        published = f"published: {seal.published}" if seal.published else "not published outside the issuer"
        rows.append(
            Row(
                cells=[
                    f"Audit seal, batch {number(seal.batch)}",
                    [whole_hash(seal.head), f" sealed {second(seal.sealed_at)} UTC; {published}"],
                ]
            )
        )
    rows.append(
        Row(
            cells=[
                "Template and fonts",
                f"{FORMAT}; Typst {typst_version()}; Libertinus Serif, DejaVu Sans Mono, all embedded",
            ]
        )
    )
    return Table(
        title="What ties the packet to the issuer’s records",
        key="ties",
        evidence_class="record",
        columns=[Column("Value", 52), Column("Content")],
        rows=rows,
        sources=(SEAL,),
        show_source=False,
    )


def _steps(ctx: Context) -> list[list[str | Mark]]:
    steps: list[list[str | Mark]] = [
        [
            "Save the attached files and ",
            mono("manifest.json"),
            (
                ". Compute the SHA-256 of each file and compare it with Section 17. Any tool that computes "
                "SHA-256 will do."
            ),
        ],
        [
            (
                "Check the signature with any reader of PDF signatures. Compare the certificate’s SHA-256 "
                "with one that the issuer gives by another way."
            )
        ],
        [
            "Or run ",
            mono("verify_packet"),
            (
                ", which does both, names each check that it made, and ends with one verdict: intact, or "
                "changed and where."
            ),
        ],
    ]
    if ctx.inputs.seal is not None:
        steps.append(
            ["Compare the audit seal above with the issuer’s, to see that the events told here stand in its log."]
        )
    return steps


def signature(ctx: Context) -> Section:
    """What the seal means, what ties the packet to the issuer's records, and how to check both."""
    cover = ctx.inputs.cover
    statement = f"{cover.packet_ref} version {cover.version}, sealed by {cover.issuer}"
    sealed = "which the audit seal above covers" if ctx.inputs.seal else "which no audit seal covered yet"
    registers = (
        f"“Case record” and “seal” as a source mean the issuer’s own events and rows, {sealed}; “policy register” and "
        "“detector register” mean the versions kept there."
    )
    blocks: list[Block] = [
        Paragraph(runs=[_COVERS]),
        _applied(ctx),
        Fixed(name="signature", data={"field": FIELD_NAME, "statement": statement}),
        _ties(ctx),
        Paragraph(runs=[_REBUILD + "and compare."]),
        Heading(text="How to check this packet"),
        Items(items=_steps(ctx), ordered=True),
        Paragraph(runs=[_LIMITS]),
        Note(runs=[registers]),
        Fixed(name="ending", data={"words": f"End of packet {cover.packet_ref} version {cover.version}"}),
    ]
    return Section(number=18, title="Signature", blocks=blocks)
