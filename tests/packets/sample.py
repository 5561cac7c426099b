"""Realistic packet inputs about invented organizations, at the size of the event that shapes the product."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, date, datetime, timedelta

from enforcement.packets import document as d
from enforcement.packets import document_records as r

START = date(2026, 4, 22)
DAYS = 45
GROUPS = ("Quillgate Relay", "Ostler Route", "Vantry Credits", "Lumbergate Mart", "")
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def at(day: str, time: str = "09:00:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}+00:00").astimezone(UTC)


def _subject(rng: random.Random, index: int) -> r.SubjectRow:
    group = rng.choices(range(5), weights=(38, 24, 20, 12, 6))[0]
    first = START + timedelta(days=min(DAYS - 2, int(rng.expovariate(0.12))))
    active = max(1, (START + timedelta(days=DAYS) - first).days - rng.randrange(3))
    exchanges = int(active * rng.gauss(29, 5)) if rng.random() < 0.97 else rng.randrange(1, 9)
    held = rng.choices(("payment", "device", "conjunction", "person"), weights=(78, 10, 12, 0.3))[0]
    kind = "violating" if index % 260 else ("not violating" if index % 520 else "unclear")
    reason = {
        "violating": "",
        "not violating": "Shares an office range only; own templates and hours",
        "unclear": "Conflicting evidence, or too few exchanges read",
    }[kind]
    status = (
        "" if kind != "violating" else "failed" if index % 1249 == 5 else "reversed" if index % 2011 == 7 else "done"
    )
    return r.SubjectRow(
        account="acct_" + "".join(rng.choices(_LETTERS, k=8)) + f"{index % 31:02d}",
        group=GROUPS[group],
        cluster="CL-0198" if held else "",
        hub=f"N-{group * 4 + rng.randrange(4) + 1:02d}",
        first_day=first,
        last_day=first + timedelta(days=active - 1),
        active_days=active,
        exchanges=max(1, exchanges),
        held_by=held,
        bits=round({"payment": 17.4, "device": 15.9, "conjunction": 14.0, "person": 9.8}[held] + rng.gauss(0, 0.8), 1),
        finding=kind,
        reason=reason,
        clauses=("5.3(b)", *(("4.2",) if group < 4 else ()), *(("5.7",) if held == "payment" else ()))
        if kind == "violating"
        else (),
        alerts=rng.choice((1, 1, 2, 3)) if kind == "violating" else 0,
        action="terminate" if status else "",
        target_status=status,
        target_note="Account already closed by its holder"
        if status == "failed"
        else "Restored on appeal"
        if status == "reversed"
        else "",
        appeal="granted" if status == "reversed" else "",
    )


def subjects(count: int, seed: int = 7) -> tuple[r.SubjectRow, ...]:
    rng = random.Random(seed)
    return tuple(_subject(rng, index) for index in range(1, count + 1))


def _timeline(rows: tuple[r.SubjectRow, ...]) -> d.Timeline:
    days: list[d.DailyRow] = []
    for label in GROUPS:
        active = [0] * DAYS
        drawn = [0.0] * DAYS
        for s in rows:
            if s.group != label or s.first_day is None:
                continue
            begin = (s.first_day - START).days
            for i in range(begin, min(DAYS, begin + s.active_days)):
                active[i] += 1
                drawn[i] += s.exchanges / s.active_days * (0.72 if (START + timedelta(days=i)).weekday() > 4 else 1.1)
        days += [
            d.DailyRow(day=START + timedelta(days=i), group=label, accounts_active=active[i], exchanges=int(drawn[i]))
            for i in range(DAYS)
        ]
    return d.Timeline(
        days=tuple(days),
        events=(
            d.TimelineEvent(
                at=at("2026-05-16", "02:10:07"),
                text="Roll-up rule met; case opened by rule, not by a person",
                exhibits=("EX-003",),
            ),
            d.TimelineEvent(
                at=at("2026-05-18", "09:31:40"), text="Legal hold placed on the case and on its archive segments"
            ),
            d.TimelineEvent(at=at("2026-06-03", "16:00:00"), text="Findings and targets frozen; proposal submitted"),
            d.TimelineEvent(at=at("2026-06-05", "14:00:04"), text="Enforcement began"),
            d.TimelineEvent(at=at("2026-06-08", "10:00:00"), text="Notices sent to account holders"),
        ),
        threshold=int(len(rows) * 24),
        threshold_words="threshold of the roll-up rule",
        account_limit=400,
        highest_account_day=112,
        exhibits=("EX-002",),
    )


def _identifiers() -> tuple[d.IdentifierRow, ...]:
    rng = random.Random(5)
    rows = [
        d.IdentifierRow(
            mark=m,
            kind=k,
            value=v,
            cluster="CL-0198",
            members=n,
            holders=h,
            bits=b,
            first_day=START,
            last_day=date(2026, 6, 5),
        )
        for m, k, v, n, h, b in (
            ("T-03", "template", "graded-answer template, variant 3", 6818, 6859, 6.3),
            ("T-07", "template", "step-by-step rationale template", 9456, 9544, 5.8),
            ("T-11", "template", "code-repair template", 3108, 3120, 7.4),
            ("S-1", "schedule", "starts 01:00 UTC, stops 16:00 UTC", 7727, 8147, 5.0),
            ("S-2", "schedule", "paused 2026-05-09, 03:10 to 05:40", 11237, 11300, 4.5),
            ("E-04", "email_domain", "mail-ridge.example", 2213, 2216, 5.9),
            ("F-02", "referral", "referral code LANE-OPS", 1338, 1339, 5.6),
        )
    ]
    for i in range(600):
        kind = ("payment", "device", "subnet")[i % 3]
        n = rng.randrange(2, 15)
        value = f"198.51.100.{i % 16 * 16}/28" if kind == "subnet" else f"{kind[:2]}-{sha(str(i))[:12]}"
        rows.append(
            d.IdentifierRow(
                mark="",
                kind=kind,
                value=value,
                cluster="CL-0198",
                members=n,
                holders=n + rng.randrange(2),
                bits=round(rng.uniform(14, 19), 1),
            )
        )
    return tuple(rows)


def _cluster(count: int) -> d.Cluster:
    rng = random.Random(3)
    weights = [rng.uniform(0.4, 2) for _ in range(9)]
    sizes = [int(count * w / sum(weights)) for w in weights]
    sizes[0] += count - sum(sizes)
    places = tuple(
        d.Place(key=f"n{i}", name=f"198.51.100.{i * 16}/28", accounts=n, active=n // 12, detail=GROUPS[i % 4])
        for i, n in enumerate(sizes)
    )
    hubs = tuple(
        d.SharedHub(key=f"h{i}", name=name, kind=kind, accounts=int(count * part), bits=b)
        for i, (name, kind, part, b) in enumerate(
            (
                ("T-07", "template", 0.38, 5.8),
                ("T-03", "template", 0.27, 6.3),
                ("S-2", "schedule", 0.45, 4.5),
                ("S-1", "schedule", 0.31, 5.0),
                ("E-04", "email_domain", 0.09, 5.9),
                ("F-02", "referral", 0.05, 5.6),
            )
        )
    )
    ties = tuple(
        d.Tie(place=p.key, hub=h.key, accounts=int(p.accounts * h.accounts / count * rng.uniform(0.2, 1.6)))
        for p in places
        for h in hubs
    )
    return d.Cluster(
        ref="CL-0198",
        as_of=at("2026-06-03", "16:00:00"),
        accounts=count,
        place_words="network ranges",
        places=places,
        hubs=hubs,
        ties=ties,
        ignored=(d.IgnoredHub(key="i0", name="203.0.113.0/24", kind="subnet", accounts=61, bystanders=1904),),
        examples=(
            d.Setting(
                name="payment",
                value="instrument pf-7c1e90aa41d2 was used by 6 accounts on 31 common days and weighs 17.7 bits.",
            ),
        ),
        exhibits=("EX-004",),
    )


def _exhibits() -> tuple[r.Exhibit, ...]:
    titles = (
        ("Archive index: 212 segments and their hashes", "application/x-ndjson", "record"),
        ("Exchanges and accounts by day and group", "text/csv", "summary of records"),
        ("Alerts of the case at submission", "application/x-ndjson", "record"),
        ("Linking run LR-2026-0603-01", "application/json", "opinion"),
        ("Sample of 1,200 exchanges, seed 20260602", "application/vnd.apache.parquet", "record"),
        ("Page capture, price list of Quillgate Relay", "application/pdf", "record"),
        ("E-mail from Vantry Credits on its upstream customers", "message/rfc822", "record"),
        ("Company register extract, Harrow Lane Research", "application/pdf", "record"),
        ("Commercial Terms of Service, version 2026-02", "text/plain", "record"),
        ("Connector delivery log, 50 batches", "application/x-ndjson", "record"),
    )
    return tuple(
        r.Exhibit(
            number=f"EX-{i:03d}",
            title=title,
            media_type=media,
            size_bytes=1000 + 71237 * i % 990001,
            sha256=sha(title),
            preserved_at=at("2026-06-03", f"16:{i:02d}:11"),
            where="issuer’s archive",
            evidence_class=kind,
        )
        for i, (title, media, kind) in enumerate(titles, start=1)
    )


def _custody() -> r.Custody:
    events = [
        r.CustodyEvent(
            at=e.preserved_at,
            exhibit=e.number,
            event="extracted" if i % 2 else "received",
            by="M. Oduya" if i % 3 else "system",
            detail="from the archive" if i % 2 else "upload",
            hash_check="first hash",
        )
        for i, e in enumerate(_exhibits())
    ]
    events.append(
        r.CustodyEvent(
            at=at("2026-06-04", "08:40:19"),
            exhibit="EX-005",
            event="viewed",
            by="R. Castellano",
            detail="approval sample, 60 rows",
            hash_check="–",
        )
    )
    events.append(
        r.CustodyEvent(
            at=at("2026-07-14", "08:59:00"),
            exhibit="all",
            event="re-checked",
            by="system",
            detail="10 of 10 read back and hashed again",
            hash_check="match",
        )
    )
    return r.Custody(events=tuple(events), gap_median_minutes=4, gap_longest_minutes=71)


def _decision(targets: int) -> r.Decision:
    one, two = sha("round 1"), sha("round 2")
    return r.Decision(
        rounds=(
            r.DecisionRound(
                ref="DC-2026-0011",
                action="terminate",
                targets=targets + 31,
                digest=one,
                proposed_by="Tobias Lindqvist",
                proposed_role="lead",
                submitted_at=at("2026-06-03", "16:10:22"),
                state="returned",
                approvals=(
                    r.Approval(
                        name="Ruth Castellano",
                        role="reviewer",
                        outcome="returned",
                        at=at("2026-06-04", "09:20:05"),
                        reason="31 targets have fewer than 10 exchanges read; findings not safe.",
                        digest=one,
                    ),
                ),
            ),
            r.DecisionRound(
                ref="DC-2026-0012",
                action="terminate",
                targets=targets,
                digest=two,
                proposed_by="Tobias Lindqvist",
                proposed_role="lead",
                submitted_at=at("2026-06-04", "15:02:37"),
                state="approved",
                changed="31 targets withdrawn, findings set to unclear; nothing added",
                approvals=(
                    r.Approval(
                        name="Ruth Castellano",
                        role="reviewer",
                        outcome="approved",
                        at=at("2026-06-05", "08:55:31"),
                        reason="Sample of 60 targets read: 60 supported.",
                        digest=two,
                    ),
                    r.Approval(
                        name="Akio Nakagawa",
                        role="legal",
                        outcome="approved",
                        at=at("2026-06-05", "12:30:18"),
                        reason="Clauses and notices reviewed.",
                        digest=two,
                    ),
                ),
            ),
        ),
        rules=(
            r.AppliedRule(name="many-targets", asks="a second approver above 1,000 targets"),
            r.AppliedRule(name="public-attribution", asks="legal review where an organization is named to outsiders"),
        ),
        people=(
            r.PersonPart(
                name="Maren Oduya", role="investigator", part="collected evidence, set findings, wrote the narrative"
            ),
            r.PersonPart(name="Tobias Lindqvist", role="lead", part="proposed the decision"),
            r.PersonPart(name="Ruth Castellano", role="reviewer", part="returned round 1, approved round 2"),
            r.PersonPart(name="Akio Nakagawa", role="legal", part="approved round 2"),
            r.PersonPart(name="Samuel Brandt", role="enforcer", part="started and supervised the actions"),
        ),
    )


def _rules(slug: str) -> tuple[d.Rule, ...]:
    named = (("elicitation", "Reasoning-trace elicitation"), ("grading", "Grading by template"))
    return tuple(d.Rule(rule=f"{slug}.{n}", title=t, version="3", sha256=sha(slug + t)) for n, t in named)


def _method() -> d.Method:
    kinds = (
        ("payment", "a payment instrument", 20.0, 16.3),
        ("device", "a device that signed in", 18.0, 14.3),
        ("template", "the wording of prompts, variable parts taken out", 7.4, 5.8),
        ("schedule", "starts, stops and pauses at the same time", 5.0, 4.5),
        ("subnet", "a network range", 4.9, 3.1),
    )
    return d.Method(
        detectors=(
            d.Detector(
                slug="usage-meter",
                name="one signal for each exchange",
                meters="api",
                false_positive_rate=None,
                signals=28806417,
            ),
            d.Detector(
                slug="prompt-harvest",
                name="prompts that collect outputs in bulk",
                meters="",
                false_positive_rate=0.0021,
                signals=61240,
                rules=_rules("prompt-harvest"),
            ),
            d.Detector(
                slug="egress-watch",
                name="relay egress addresses",
                meters="",
                false_positive_rate=0.008,
                signals=30911,
                rules=_rules("egress-watch")[:1],
            ),
        ),
        link=d.LinkMethod(
            version="LM-1",
            run_ref="LR-2026-0603-01",
            run_at=at("2026-06-03", "16:00:58"),
            snapshot="RS-0007",
            snapshot_as_of=date(2026, 6, 2),
            population=412900,
            denominators="everybody",
            bar_bits=(12.0, 12.0),
            exhibits=("EX-004",),
            kinds=tuple(
                d.KindWeight(kind=k, meaning=m, m=0.5, bits_highest=h, bits_lowest=low, cap_holders=None)
                for k, m, h, low in kinds
            ),
        ),
        evaluations=(
            d.Evaluation(
                setting="Demo campaign, five seeds", precision=0.998, recall=0.964, accounts=14822, honest_in_cases=0
            ),
            d.Evaluation(
                setting="Payment instruments never shared",
                precision=0.996,
                recall=0.831,
                accounts=14822,
                honest_in_cases=0,
            ),
        ),
        limits=(
            d.Setting(name="Clocks", value="Times come from servers kept by NTP. No outside time stamp exists."),
            d.Setting(
                name="Shared networks", value="A range used by an office, a carrier or a relay can hold strangers."
            ),
        ),
        archive_exhibits=("EX-001",),
    )


def _policy() -> d.Policy:
    return d.Policy(
        versions=(
            d.PolicyVersion(
                name="Commercial Terms of Service",
                version="2025-09",
                in_force_from=date(2025, 9, 1),
                in_force_until=date(2026, 1, 31),
                sha256=sha("2025-09"),
                pinned=False,
            ),
            d.PolicyVersion(
                name="Commercial Terms of Service",
                version="2026-02",
                in_force_from=date(2026, 2, 1),
                in_force_until=None,
                sha256=sha("2026-02"),
                pinned=True,
            ),
        ),
        clauses=(
            d.Clause(
                ref="4.2",
                title="Resale and sharing of access",
                conduct="Access bought through a reseller without an agreement",
                exhibits=("EX-006",),
                text=(
                    "The customer shall not resell, sublicense, rent or share access to the services, nor let "
                    "any third party use the customer’s credentials, except under a written reseller agreement "
                    "with the provider."
                ),
            ),
            d.Clause(
                ref="5.3(b)",
                title="Building competing models",
                conduct="Bulk collection with templates built for training data",
                exhibits=("EX-005",),
                text=(
                    "The customer shall not use outputs, nor collect outputs in bulk, to train or to improve a "
                    "model that competes with the services, whether or not through an intermediary."
                ),
            ),
            d.Clause(
                ref="5.7",
                title="Circumvention",
                conduct="Accounts varied to stay below limits, or opened to replace ended ones",
                text=(
                    "The customer shall not create or use several accounts, or vary identifying details, so as "
                    "to avoid a limit, a safeguard or an earlier enforcement action."
                ),
            ),
        ),
        exhibits=("EX-009",),
    )


def _attributions() -> tuple[r.Attribution, ...]:
    return (
        r.Attribution(
            organization="Harrow Lane Research",
            parent="Harrow Group",
            role="operator",
            confidence="moderate",
            exhibits=("EX-007", "EX-008"),
            basis=(
                "Accounts registered under its domain before the period share instruments with members; "
                "templates carry its project code"
            ),
        ),
        r.Attribution(
            organization="Harrow Group",
            parent="",
            role="beneficiary",
            confidence="low",
            exhibits=("EX-008",),
            basis="Parent by company register; nothing else ties it to the conduct",
            suggested_by_rule=True,
        ),
        r.Attribution(
            organization="Quillgate Relay",
            parent="",
            role="reseller",
            confidence="high",
            exhibits=("EX-006",),
            basis="Public price list names the issuer’s models; its relay addresses carry members",
            agreed="agreed by Ruth Castellano, reviewer, on 2026-06-04",
        ),
    )


def _highest() -> r.RecordedQuery:
    return r.RecordedQuery(
        key="highest_account_day",
        what="Highest exchanges by one subject on one day",
        columns=("exchanges",),
        rows=(("112",),),
        value="112",
        exhibits=("EX-001",),
        sql=(
            "SELECT max(n) AS exchanges FROM (SELECT sum(exchanges) AS n FROM archive\nWHERE account IN "
            "(SELECT account FROM subjects) GROUP BY account, day_utc) ORDER BY 1;"
        ),
    )


def inputs(
    count: int = 25_014,
    *,
    certificate_sha256: str = "0" * 64,
    time_stamp_authority: str = "",
    title: str = "Model outputs collected through resellers",
) -> r.PacketInputs:
    """Full packet inputs with `count` subjects; the same arguments give the same inputs."""
    rows = subjects(count)
    targets = sum(bool(s.target_status) for s in rows)
    return r.PacketInputs(
        cover=d.Cover(
            case_ref="C-2026-0417",
            case_title=title,
            case_state="partially enforced",
            case_opened_at=at("2026-05-16", "02:10:07"),
            packet_ref="PK-2026-0001",
            version=1,
            supersedes=None,
            profile="producible",
            tlp="AMBER",
            issuer="Tallowmere AI, Inc.",
            issuer_short="Tallowmere",
            recipient="",
            bates_prefix="TMR-C417",
            conduct_from=START,
            conduct_until=date(2026, 6, 5),
            facts_as_of=at("2026-07-14"),
            built_at=at("2026-07-14"),
            synthetic=True,
        ),
        seal=d.AuditSeal(batch=18842, head=sha("seal"), sealed_at=at("2026-07-14", "08:55:00")),
        signature=d.SignatureFacts(
            signer="Tallowmere AI, Inc., evidence sealing key",
            certificate_sha256=certificate_sha256,
            time_stamp_authority=time_stamp_authority,
        ),
        policy=_policy(),
        method=_method(),
        timeline=_timeline(rows),
        clusters=(_cluster(count),),
        identifiers=_identifiers(),
        attributions=_attributions(),
        alternatives=(
            r.Alternative(
                explanation="A. Harrow Lane Research runs the accounts",
                speaks_for="Shared instruments; project code in templates",
                speaks_against="No statement by Harrow Lane Research; the code could be copied",
                outcome="retained",
            ),
            r.Alternative(
                explanation="B. A data broker collects outputs and sells them",
                speaks_for="Four resellers would explain the spread of templates",
                speaks_against="One schedule and one pause across all",
                outcome="less likely, not excluded",
            ),
        ),
        would_change=(
            "A statement or records from Vantry Credits naming its buyer would raise or lower the first explanation."
        ),
        subjects=rows,
        archive_queries=(_highest(),),
        exhibits=_exhibits(),
        custody=_custody(),
        decision=_decision(targets),
        actions=r.Actions(
            connector="signed webhook",
            batches=50,
            started_at=at("2026-06-05", "14:00:04"),
            finished_at=at("2026-06-05", "15:41:52"),
            notices=r.Notices(sent=targets - 46, open=46, waived=0),
            exhibits=("EX-010",),
        ),
        appeals=(
            r.AppealGround(
                ground="Shared network: office, campus, carrier",
                filed=11,
                denied=2,
                granted_in_part=0,
                granted=7,
                open=2,
            ),
            r.AppealGround(
                ground="Bought in good faith from a reseller", filed=29, denied=23, granted_in_part=3, granted=0, open=3
            ),
        ),
        redactions=(),
    )
