"""Made-up content that looks like the product's: for pictures and for the gallery of components."""

from datetime import UTC, date, datetime, timedelta
from math import exp, sin

from django import forms
from django.utils.safestring import mark_safe

from enforcement.packets import pictures
from enforcement.web.templatetags.states import VOCABULARY

DAYS = [date(2026, 4, 22) + timedelta(number) for number in range(45)]
EXCHANGES = [
    int((90_000 + 1_200_000 / (1 + exp((20 - n) / 5))) * (0.72 if day.weekday() > 4 else 1))
    for n, day in enumerate(DAYS)
]
HOURS = [[100 * exp(-(((hour - 5) / 3) ** 2)) * (0.4 if day > 4 else 1) for hour in range(24)] for day in range(7)]
NOW = datetime(2026, 6, 9, 11, 20, tzinfo=UTC)
_PLACES = (("tg", 9870), ("pe", 7655), ("qu", 4212), ("v6", 3277))
_HUBS = (("s07", 0.85), ("t1184", 0.7), ("t1190", 0.45), ("t1203", 0.26), ("m", 0.2))


def cluster_view():
    return pictures.ClusterView(
        "CL-0381",
        date(2026, 6, 5),
        25_014,
        [
            pictures.Group("tg", "Tollgate Relay", 9870, 5590, "198.51.100.0/24"),
            pictures.Group("pe", "Pelmont API Exchange", 7655, 4368, "203.0.113.0/24"),
            pictures.Group("qu", "Quillbridge Credits", 4212, 2296, "192.0.2.0/24"),
            pictures.Group("v6", "No reseller found", 3277, 1952, "2001:db8:4a::/48"),
        ],
        [
            pictures.Hub("s07", "Schedule S-07", "schedule", 21_344, 2.6),
            pictures.Hub("t1184", "Template T-1184", "template", 17_920, 4.9),
            pictures.Hub("t1190", "Template T-1190", "template", 11_306, 5.5),
            pictures.Hub("t1203", "T-1203", "template", 6480, 6.3),
            pictures.Hub("m", "Mail domains", "email_domain", 5930, 6.9),
        ],
        [pictures.Tie(place, hub, int(accounts * share)) for place, accounts in _PLACES for hub, share in _HUBS],
        [pictures.Ignored("asn", "AS64511 carrier pool", "asn", 1120, 9310)],
        "Payment fingerprints and devices tie small sets and are left out.",
    )


class ClosingForm(forms.Form):
    reason = forms.ChoiceField(
        choices=[("", "Choose a reason"), ("no_violation", "No violation")],
        label="Reason for closing",
        error_messages={"required": "Choose a reason for closing"},
    )
    day = forms.CharField(label="Conduct date", help_text="Day, month, year; UTC")
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label="Note", required=False)
    how = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[("a", "Approve exactly these targets"), ("r", "Return")],
        label="Your decision",
    )
    sure = forms.BooleanField(label="Counsel has advised", required=False, help_text="Kept with the decision")

    def clean_day(self):
        raise forms.ValidationError("Usage Terms 14 came into force on 1 Mar 2026. Pin Terms 13 or change the date.")


def _rows():
    course = [int(20 + 18 * sin(n / 4)) for n in range(45)]
    told = [
        ("Step-by-step answers drawn with one template", "In CL-0381: template T-1184, schedule S-07", 5, 12.2, "new"),
        ("Reward pairs requested in bulk", "In CL-0381: template T-1203, 203.0.113.0/24", 4, 14.0, "triaging"),
        ("Key posted in public", "No cluster: one account, nothing shared", 6, None, "escalated"),
    ]
    return [
        {
            "title": title, "why": why, "severity": severity, "account": f"ac-QDZZHFW{number}",
            "exchanges": 1152 * number,
            "daily": course, "bits": bits, "state": state, "seen": NOW, "on": number == 0,
        }
        for number, (title, why, severity, bits, state) in enumerate(told)
    ]  # fmt: skip


def gallery_context():
    form = ClosingForm({"day": "14 Feb 2026"})
    form.is_valid()
    chart = pictures.day_chart(DAYS, EXCHANGES, key="dc", title="Exchanges a day", width=1030)
    return {
        "rows": _rows(),
        "notes": {"new": "20 May", "triage": "20 May", "investigating": "round 2, 1 d"},
        "blockers": [
            {"text": "171 subjects have no finding.", "detail": "", "url": "#list-h", "remedy": "Set findings…"}
        ],
        "met": ["Usage Terms 14 was in force on every conduct date"],
        "tiles": [
            {"label": "Accounts", "figure": "25,014", "note": "14,206 active", "url": "#list-h"},
            {"label": "Targets failed", "figure": "118", "note": "Retry waiting", "tone": "warn", "url": "#list-h"},
        ],
        "tabs": [{"title": "Overview", "url": "#a"}, {"title": "Subjects", "url": "#b", "count": 25_014, "here": True}],
        "picks": [{"badge_kind": "finding", "badge_state": "violating", "count": 24_631, "url": "#c"}],
        "chips": [{"key": "state", "value": "new", "label": "State", "words": "New"}],
        "filter_form": ClosingForm(prefix="q"),
        "sorts": [("-exchanges", "Exchanges"), ("-seen", "Newest")],
        "sort": "-exchanges",
        "acts": [
            {"value": "escalate", "words": "Escalate", "key": "e", "primary": True},
            {"value": "dismiss", "words": "Dismiss…", "key": "d", "dialog_url": "/dismiss/"},
        ],
        "pager_keys": [(["j", "k"], "move")],
        "facts": [{"term": "Format", "value": "NDJSON, gzip"}],
        "job_running": {"id": 1, "title": "IM-20418", "kind": "import", "state": "running", "done": 42, "total": 64},
        "job_failed": {
            "id": 2,
            "title": "Packet 2",
            "kind": "packet",
            "state": "failed",
            "failure": "The disk is full.",
        },
        "view": cluster_view(),
        "events": [
            {"at": NOW, "text": "Case opened by rule CT-04", "by": "rule CT-04", "tone": "observed", "glyph": "up"}
        ],
        "day_svg": mark_safe(chart),  # noqa: S308 - our own drawing
        "hours": HOURS,
        "sha": "b4842c6d529481de1d38b6c5b107573b3268de18ae6e21534917e8926d34f587",
        "now": NOW,
        "form": form,
        "vocabulary": [(kind, [s for s in states if s not in {"none", ""}]) for kind, states in VOCABULARY.items()],
    }
