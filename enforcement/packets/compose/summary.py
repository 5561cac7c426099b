"""Section 1: the case in eight numbers and a few paragraphs, led by the subjects found violating."""

from __future__ import annotations

from enforcement.packets.blocks import (
    CASE_RECORD,
    Block,
    Heading,
    Items,
    KeyNumber,
    KeyNumbers,
    Paragraph,
    Runs,
    Section,
    bold,
)
from enforcement.packets.compose.context import Context, day, listed, number, plural
from enforcement.packets.document import Timeline

_NAMED = 5


def title(ctx: Context) -> str:
    """What stands under the packet's name: findings first, then whom they are attributed to."""
    violating = ctx.query("violating_net").count()
    cover = ctx.inputs.cover
    pinned = next((v for v in ctx.inputs.policy.versions if v.pinned), None)
    policy = f"the {pinned.name}" if pinned else "the terms of service"
    if not violating:
        return f"{cover.case_title}: no account found violating {policy}"
    named = [a.organization for a in ctx.inputs.attributions if a.role == "operator" and a.confidence != "low"]
    words = "account" if violating == 1 else "accounts"
    none = "" if ctx.inputs.attributions else ", not attributed to an organization"
    tail = f", attributed to {listed(named)}" if named else none
    return f"{number(violating)} {words} found violating {policy}{tail}"


def _conduct_number(ctx: Context) -> KeyNumber:
    highest, limit = ctx.inputs.timeline.highest_account_day, ctx.inputs.timeline.account_limit
    if highest is not None and "highest_account_day" in ctx.queries:
        words = "exchanges, the highest count of one account on one day"
        threshold = ctx.inputs.timeline.threshold
        if limit is not None:
            words += f"; the limit is {number(limit)}"
        elif threshold is not None:
            words += f"; the rule on clusters asks for {number(threshold)}"
        return KeyNumber(value=number(highest), words=words, sources=ctx.sources("highest_account_day"))
    alerts = sum(subject.alerts for subject in ctx.inputs.subjects)
    return KeyNumber(
        value=number(alerts),
        words="alerts on the subjects’ own conduct",
        sources=(*ctx.sources("findings"), CASE_RECORD),
    )


def _outcome_number(ctx: Context) -> KeyNumber:
    granted = sum(ground.granted for ground in ctx.inputs.appeals)
    decided = sum(g.granted + g.granted_in_part + g.denied for g in ctx.inputs.appeals)
    if decided:
        return KeyNumber(
            value=f"{number(granted)} of {number(decided)}",
            words="decided appeals granted in full",
            sources=ctx.sources("appeals"),
        )
    targets = ctx.query("targets")
    done = f"{number(targets.count(target_status='done'))} of {number(targets.total('n'))}"
    return KeyNumber(value=done, words="targets done", sources=ctx.sources("targets"))


def _key_numbers(ctx: Context) -> KeyNumbers:
    net, findings, everyone = ctx.query("violating_net"), ctx.query("findings"), ctx.query("all_subjects")
    rate = ctx.query("rate")
    return KeyNumbers(
        [
            KeyNumber(
                number(net.count()), "subjects found violating, net of granted appeals", ctx.sources("violating_net")
            ),
            KeyNumber(
                number(net.count("exchanges")),
                f"exchanges by them in {ctx.days} days",
                ctx.sources("violating_net", "by_day"),
            ),
            KeyNumber(rate.value, f"exchanges a day for each of them, over all {ctx.days} days", ctx.sources("rate")),
            _conduct_number(ctx),
            KeyNumber(
                number(findings.count(finding="not violating")),
                "found not violating",
                ctx.sources("findings"),
            ),
            KeyNumber(number(findings.count(finding="unclear")), "left unclear", ctx.sources("findings")),
            _outcome_number(ctx),
            KeyNumber(
                number(everyone.count("in_cluster")),
                "accounts linked in a cluster: linkage, not conduct",
                ctx.sources("all_subjects"),
            ),
        ]
    )


def _alone(timeline: Timeline) -> str:
    """Whether any account stood out alone, said only where a limit or threshold was not reached by one."""
    highest, limit, threshold = timeline.highest_account_day or 0, timeline.account_limit, timeline.threshold
    group = "no account stood out alone, and the pattern shows only when the accounts are read as one group."
    if limit is not None and highest <= limit:
        return f" The per-account limit is {number(limit)}: {group}"
    if threshold is not None and highest < threshold:
        return f" The {timeline.threshold_words} is {number(threshold)} exchanges a day over a cluster: {group}"
    return ""


def _conduct(ctx: Context) -> Paragraph:
    cover, net, timeline = ctx.inputs.cover, ctx.query("violating_net"), ctx.inputs.timeline
    period = f"{day(cover.conduct_from)} to {day(cover.conduct_until)}"
    text = (
        f"From {period}, {plural(net.count(), 'account')} found violating drew "
        f"{plural(net.count('exchanges'), 'exchange')}: {ctx.query('rate').value} a day for each."
    )
    keys = ["violating_net", "rate"]
    if timeline.highest_account_day is not None and "highest_account_day" in ctx.queries:
        text += f" The highest count for one account on one day was {number(timeline.highest_account_day)}."
        keys.append("highest_account_day")
        text += _alone(timeline)
    return Paragraph(runs=[text], sources=ctx.sources(*keys))


def _findings(ctx: Context) -> Paragraph:
    findings, everyone = ctx.query("findings"), ctx.query("all_subjects")
    without = ctx.query("basis").count()
    violating = findings.count(finding="violating")
    text = (
        f"The case has {plural(everyone.count(), 'subject')}. {number(violating)} were found violating, "
        f"{number(findings.count(finding='not violating'))} not violating, "
        f"{number(findings.count(finding='unclear'))} are unclear. "
    )
    text += (
        "Each finding of violating rests on at least one alert on that account’s own conduct."
        if not without
        else f"{number(violating - without)} findings of violating rest on alerts on the account’s own conduct and "
        f"{number(without)} on an extract of its own exchanges."
    )
    return Paragraph(runs=[text], sources=ctx.sources("findings", "all_subjects", "basis"))


def _linkage(ctx: Context) -> Paragraph:
    linked = ctx.query("all_subjects").count("in_cluster")
    if not linked:
        return Paragraph(runs=["No cluster is part of this case; its subjects were brought together by people."])
    refs = listed([cluster.ref for cluster in ctx.inputs.clusters]) or "a cluster"
    text = (
        f"{plural(linked, 'subject')} {'belongs' if linked == 1 else 'belong'} to {refs}: accounts held together by shared identifiers, "
        "as Section 5 says "
        "in words. A link says that accounts belong together. It says nothing about conduct, and no "
        "finding rests on it alone."
    )
    return Paragraph(runs=[text], sources=ctx.sources("all_subjects", "held_by"))


def _attribution(ctx: Context) -> Paragraph:
    attributions = ctx.inputs.attributions
    if not attributions:
        return Paragraph(runs=["The issuer attributes the conduct to no organization."])
    runs: list[Runs] = []
    for index, item in enumerate(attributions[:_NAMED]):
        lead = "The issuer attributes the conduct to " if index == 0 else "; to "
        role = f" as {item.role}, with "
        runs.append([lead, bold(item.organization), role, bold(item.confidence), " confidence"])
    flat = [run for group in runs for run in group]
    if len(attributions) > _NAMED:
        flat.append(f"; and {plural(len(attributions) - _NAMED, 'more organization')}")
    flat.append(". Section 6 gives the basis and the explanations that were considered instead.")
    exhibits = [e for item in attributions for e in item.exhibits]
    return Paragraph(runs=flat, sources=ctx.sources(exhibits=exhibits[:6]) or (CASE_RECORD,))


def _decision(ctx: Context) -> Paragraph:
    rounds = [r for r in ctx.inputs.decision.rounds if r.state == "approved"]
    if not rounds:
        return Paragraph(runs=["No decision has been approved in this case, and no account has been acted on by one."])
    last, targets = rounds[-1], ctx.query("targets")
    people = listed([f"{a.name} ({a.role})" for a in last.approvals if a.outcome == "approved"])
    text = (
        f"The proposal {last.ref} ({last.action}, {plural(last.targets, 'target')}) was approved by "
        f"{people}; no approver proposed it or "
        f"worked on the findings. Of the targets, {number(targets.count(target_status='done'))} are done, "
        f"{number(targets.count(target_status='failed'))} have failed and stay open, and "
        f"{number(targets.count(target_status='reversed'))} were reversed."
    )
    return Paragraph(runs=[text], sources=(*ctx.sources("targets"), CASE_RECORD))


def scope_and_summary(ctx: Context) -> Section:
    """One page; it never runs over, since its paragraphs are few and of bounded length."""
    issuer = ctx.inputs.cover.issuer
    opening = (
        f"This packet sets out what {issuer} (“the issuer”) observed on its own service, what it "
        "concluded, what it did, "
        "and how anyone can check each step. It concerns one case and the accounts in it. It is a "
        "record of enforcement "
        "of contract terms. It is not a finding of law."
    )
    blocks: list[Block] = [
        Paragraph(runs=[opening], sources=(CASE_RECORD,)),
        _key_numbers(ctx),
        _conduct(ctx),
        _findings(ctx),
        _linkage(ctx),
        _attribution(ctx),
        _decision(ctx),
        Heading(text="What this packet does not show"),
        Items(
            items=[
                [
                    (
                        "It does not show what became of the model outputs after delivery. The issuer has no view of "
                        "other parties’ systems."
                    )
                ],
                ["It does not identify the natural persons behind the accounts."],
                [
                    (
                        "It does not claim that every linked account was run by one hand. Section 3 says what was "
                        "measured and what was not."
                    )
                ],
                ["It does not state a loss in money."],
            ]
        ),
    ]
    return Section(number=1, title="Scope and summary", blocks=blocks)
