"""One packet from its frozen inputs: the same inputs give the same bytes before signing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from enforcement.packets import attachments
from enforcement.packets.attachments import Attachment
from enforcement.packets.blocks import Section
from enforcement.packets.canonical import decode_inputs, encode_inputs, inputs_digest
from enforcement.packets.charts import timeline_svg
from enforcement.packets.compose import closing, cover
from enforcement.packets.compose.actions import actions, appeals
from enforcement.packets.compose.attribution import attribution
from enforcement.packets.compose.bits import BITS_IMAGE, bits_svg, steps
from enforcement.packets.compose.cluster import cluster_and_links, image_name
from enforcement.packets.compose.context import Context
from enforcement.packets.compose.decision import findings_and_decision
from enforcement.packets.compose.exhibits import custody, exhibits
from enforcement.packets.compose.method import method_and_limits
from enforcement.packets.compose.policy import policy
from enforcement.packets.compose.seal import signature
from enforcement.packets.compose.subjects import numbers, subjects
from enforcement.packets.compose.summary import scope_and_summary
from enforcement.packets.compose.timeline import TIMELINE_IMAGE, chart_data, timeline
from enforcement.packets.document import CONFIDENCES, FINDINGS, TARGET_STATUSES, TLP_MARKS
from enforcement.packets.document_records import PacketInputs
from enforcement.packets.drawing import drawing_of
from enforcement.packets.errors import IncompletePacketError
from enforcement.packets.finishing import finish
from enforcement.packets.queries import query_files, run_register
from enforcement.packets.typesetting import typeset


@dataclass(frozen=True, kw_only=True, slots=True)
class BuiltPacket:
    """The unsigned PDF with what the packet row records of it."""

    pdf: bytes
    manifest: bytes
    manifest_sha256: str
    inputs_digest: str
    unsigned_sha256: str
    pages: int
    peak_bytes: int


def check_inputs(inputs: PacketInputs) -> None:
    """Refuse inputs that cannot make an honest packet; IncompletePacketError with one sentence."""
    if not inputs.exhibits:
        raise IncompletePacketError(
            "no_evidence",
            (
                f"Case {inputs.cover.case_ref} has no exhibit: preserve at least one evidence item before "
                "building a packet."
            ),
        )
    if not inputs.subjects:
        raise IncompletePacketError(
            "no_subjects", f"Case {inputs.cover.case_ref} has no subject: a packet is about accounts."
        )
    if inputs.cover.tlp not in TLP_MARKS:
        raise IncompletePacketError("tlp", f"{inputs.cover.tlp} is no TLP 2.0 mark.")
    if inputs.cover.conduct_until < inputs.cover.conduct_from:
        raise IncompletePacketError("conduct_period", "The conduct period ends before it begins.")
    _check_subjects(inputs)
    for item in inputs.attributions:
        if item.confidence not in CONFIDENCES:
            raise IncompletePacketError("confidence", f"{item.confidence} is no word of confidence.")


def _check_subjects(inputs: PacketInputs) -> None:
    for subject in inputs.subjects:
        if subject.finding not in FINDINGS:
            raise IncompletePacketError(
                "finding", f"Subject {subject.account} has no finding: set one before building a packet."
            )
        if subject.target_status and subject.target_status not in TARGET_STATUSES:
            raise IncompletePacketError("target_status", f"{subject.target_status} is no status of a target.")
        if subject.finding == "violating" and not subject.clauses:
            raise IncompletePacketError("basis", f"Subject {subject.account} is found violating without a clause.")


def prepare(inputs: PacketInputs) -> Context:
    """Everything computed from the inputs before words are set: queries, attachments, manifest, digest."""
    inputs = decode_inputs(encode_inputs(inputs))
    check_inputs(inputs)
    data = attachments.data_files(inputs)
    results = run_register(inputs, data)
    files = (*data, *query_files(results), *attachments.exhibit_files(inputs))
    digest = inputs_digest(inputs)
    return Context(
        inputs=inputs,
        queries={r.key: r for r in results},
        files=files,
        digest=digest,
        manifest=attachments.manifest(inputs, digest=digest, files=files),
    )


def compose(ctx: Context) -> list[Section]:
    """The eighteen sections in their fixed order."""
    before = [
        scope_and_summary(ctx),
        policy(ctx),
        method_and_limits(ctx),
        timeline(ctx),
        cluster_and_links(ctx),
        attribution(ctx),
        subjects(ctx),
        numbers(ctx),
        exhibits(ctx),
        custody(ctx),
        findings_and_decision(ctx),
        actions(ctx),
        appeals(ctx),
        closing.redactions(ctx),
        closing.certification(ctx),
    ]
    after = [closing.manifest(ctx), signature(ctx)]
    return [*before, closing.glossary(str([*before, *after]).lower()), *after]


def document_data(ctx: Context) -> dict[str, Any]:
    """What the Typst template reads."""
    files: list[Attachment] = [*sorted(ctx.files, key=lambda f: f.name), ctx.manifest]
    return {
        "meta": cover.meta(ctx),
        "cover": cover.cover_table(ctx),
        "front": cover.front_blocks(ctx),
        "sections": finish(compose(ctx), anchors=ctx.anchors),
        "files": [
            {
                "path": f.name,
                "media_type": f.media_type,
                "what": f.what,
                "relationship": "data" if f.rows is not None else "supplement",
            }
            for f in files
        ],
    }


def pictures(ctx: Context) -> dict[str, str]:
    """SVG files by name."""
    drawn = {image_name(i): drawing_of(c).svg for i, c in enumerate(ctx.inputs.clusters) if c.places}
    if ctx.inputs.clusters and len(steps(ctx)) > 1:
        drawn[BITS_IMAGE] = bits_svg(ctx)
    if ctx.inputs.timeline.days:
        drawn[TIMELINE_IMAGE] = timeline_svg(chart_data(ctx), theme="print")
    return drawn


def build_packet(inputs: PacketInputs) -> BuiltPacket:
    """Build the unsigned packet. Raises IncompletePacketError or TypesettingError; writes nothing."""
    ctx = prepare(inputs)
    typeset_packet = typeset(
        document_data(ctx), pictures=pictures(ctx), files=[*ctx.files, ctx.manifest], created=inputs.cover.built_at
    )
    return BuiltPacket(
        pdf=typeset_packet.pdf,
        manifest=ctx.manifest.content,
        manifest_sha256=ctx.manifest.sha256,
        inputs_digest=ctx.digest,
        unsigned_sha256=hashlib.sha256(typeset_packet.pdf).hexdigest(),
        pages=typeset_packet.pages,
        peak_bytes=typeset_packet.peak_bytes,
    )
