"""Evidence of a case: items with digest and custody, uploads, extracts, reading, withdrawing."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from enforcement.cases.access import refuse_shut
from enforcement.cases.models import Case
from enforcement.decisions.selectors import rounds_of
from enforcement.evidence.models import Item
from enforcement.evidence.selectors import find_item, findings_resting_on, get_item, list_items
from enforcement.evidence.services import (
    ExtractWindow,
    add_extract,
    add_upload,
    open_item,
    preview_extract,
    recheck_item,
    rest_on_extract,
    withdraw_item,
)
from enforcement.staff.matrix import Permission, can, require
from enforcement.web.forms.acts import bound
from enforcement.web.forms.evidence import ExtractForm, RelyForm, UploadForm, WithdrawItem
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.cases import tab_url
from enforcement.web.shaping.confirming import Ask, asked, done
from enforcement.web.templatetags.figures import counted
from enforcement.web.views.workspace import case_of, show


@require_GET
def evidence(request: HttpRequest, ref: str) -> HttpResponse:
    """Items of the case."""
    viewer, case = actor_of(request), case_of(request, ref, Permission.EVIDENCE_VIEW)
    items = list_items(viewer, case=case)
    return show(request, ref, "evidence", {"items": items, "may_add": can(viewer, Permission.EVIDENCE_ADD)})


@require_GET
def item(request: HttpRequest, ref: str, item_id: int) -> HttpResponse:
    """One item with its custody."""
    viewer, case = actor_of(request), case_of(request, ref, Permission.EVIDENCE_VIEW)
    view = get_item(viewer, item_id=item_id, case=case)
    context = {
        "case": case, "view": view, "item": view.item, "extract": getattr(view.item, "extract", None),
        "resting": findings_resting_on(viewer, item=view.item),
        "may_withdraw": can(viewer, Permission.EVIDENCE_WITHDRAW) and view.item.withdrawn_at is None,
        "may_work": can(viewer, Permission.CASE_WORK), "evidence_url": tab_url(case.ref, "evidence"),
    }  # fmt: skip
    return render(request, "web/cases/item.html", context)


def upload(request: HttpRequest, ref: str) -> HttpResponse:
    """Add a file."""
    actor, case = actor_of(request), case_of(request, ref, Permission.EVIDENCE_ADD)
    refuse_shut(case)
    form = bound(UploadForm, request, version=case.version)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        added = form.attempt(
            lambda: add_upload(
                actor, case=case, stream=data["file"], filename=data["file"].name, title=data["title"],
                description=data["description"],
            )
        )  # fmt: skip
        if added is not None:
            return done(
                request, f"{added} is preserved, SHA-256 {added.blob.sha256[:8]}…", tab_url(case.ref, "evidence")
            )
    context = {"form": form, "case": case, "back_url": tab_url(case.ref, "evidence")}
    return render(request, "web/cases/upload.html", context, status=422 if form.errors else 200)


def extract(request: HttpRequest, ref: str) -> HttpResponse:
    """Ask the archive, look at the count, preserve the answer."""
    actor, case = actor_of(request), case_of(request, ref, Permission.EVIDENCE_ADD)
    refuse_shut(case)
    form = bound(ExtractForm, request, version=case.version)
    preview = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        asked_for = {
            "case": case, "accounts": form.names, "cluster": data["cluster"].strip(), "rule": data["rule"].strip(),
            "window": ExtractWindow(data["first_day"], data["last_day"]),
        }  # fmt: skip
        if request.POST.get("do") == "keep":
            size = data["size"] or 100
            kept = form.attempt(
                lambda: add_extract(actor, title=data["title"], seed=data["seed"], size=size, **asked_for)
            )
            if kept is not None:
                return done(
                    request, f"{kept} holds {counted(kept.rows, 'signal')}, SHA-256 {kept.blob.sha256[:8]}…",
                    tab_url(case.ref, "evidence"),
                )  # fmt: skip
        else:
            preview = form.attempt(lambda: preview_extract(actor, **asked_for))
    sample = bool(preview and form.cleaned_data["seed"] is not None)
    would = (
        min(form.cleaned_data["size"] or 100, preview.rows) if preview and sample else preview.rows if preview else 0
    )
    context = {
        "form": form, "case": case, "preview": preview, "would": would, "sample": sample,
        "back_url": tab_url(case.ref, "evidence"),
    }  # fmt: skip
    return render(request, "web/cases/extract.html", context, status=422 if form.errors else 200)


def _item(request: HttpRequest, ref: str, item_id: int, permission: Permission) -> tuple[Case, Item]:
    case = case_of(request, ref, permission)
    return case, find_item(actor_of(request), item_id=item_id, case=case)


@require_GET
def download(request: HttpRequest, ref: str, item_id: int) -> FileResponse:
    """The bytes; the read goes into custody and audit before they leave."""
    case, row = _item(request, ref, item_id, Permission.EVIDENCE_VIEW)
    stream = open_item(actor_of(request), item=row, purpose=f"downloaded from {case.ref}")
    answer = FileResponse(stream, as_attachment=True, filename=row.filename, content_type="application/octet-stream")
    answer["X-Content-SHA256"] = row.blob.sha256
    return answer


@require_POST
def recheck(request: HttpRequest, ref: str, item_id: int) -> HttpResponse:
    """Hash the bytes again."""
    case, row = _item(request, ref, item_id, Permission.EVIDENCE_VIEW)
    same = recheck_item(actor_of(request), item=row)
    said = (
        f"{row} has the bytes that were preserved" if same else f"{row} no longer has its bytes: submitting is blocked"
    )
    return done(request, said, reverse("web:case_item", args=[case.ref, row.pk]))


def rely(request: HttpRequest, ref: str, item_id: int) -> HttpResponse:
    """Let an extract carry the breach of clauses for the accounts whose rows it holds."""
    case, row = _item(request, ref, item_id, Permission.CASE_WORK)
    pinned = case.policy_version
    clauses = [(c.number, f"{c.number} {c.heading}") for c in pinned.clauses.all()] if pinned else []
    form = bound(RelyForm, request, clauses=clauses)
    back = reverse("web:case_item", args=[case.ref, row.pk])
    if request.method == "POST" and form.is_valid():
        numbers = form.cleaned_data["clauses"]
        count = form.attempt(lambda: rest_on_extract(actor_of(request), item=row, clauses=numbers))
        if count is not None:
            return done(request, f"{counted(count, 'subject')} may be found violating on {row}", back)
    ask = Ask(
        question=f"Let findings rest on {row}", submit="Let findings rest on it", keep="Leave it", back_url=back, ref=case.ref,
        text="It sets no finding. Subjects whose own rows it holds can then be found violating under these clauses.",
    )  # fmt: skip
    return asked(request, ask, form)


def withdraw(request: HttpRequest, ref: str, item_id: int) -> HttpResponse:
    """Take an item back, having said what that voids."""
    actor = actor_of(request)
    require(actor, Permission.EVIDENCE_WITHDRAW)
    case, row = _item(request, ref, item_id, Permission.EVIDENCE_VIEW)
    form = bound(WithdrawItem, request, version=case.version)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        back = form.attempt(
            lambda: withdraw_item(
                actor, item=row, reason=data["reason"], version=data["version"], confirm_void=form.void_confirmed
            )
        )
        if back is not None:
            return done(request, f"{row} is withdrawn", tab_url(case.ref, "evidence"))
        form.forget_version(case_of(request, ref).version)
    ask = Ask(
        question=f"Withdraw {row}: {row.title}", submit=f"Withdraw {row}", keep="Keep it", danger=True, ref=case.ref,
        back_url=reverse("web:case_item", args=[case.ref, row.pk]), text=_what_it_voids(request, case, row),
    )  # fmt: skip
    return asked(request, ask, form)


def _what_it_voids(request: HttpRequest, case: Case, row: Item) -> str:
    viewer = actor_of(request)
    parts = ["Its bytes, number and custody stay in the record; it leaves the next packet."]
    resting = findings_resting_on(viewer, item=row)
    if resting:
        parts.append(f"The findings of {counted(resting, 'subject')} lose it as their basis.")
    if case.state in {"in_review", "approved"}:
        parts += [
            f"Round {decision.round} ({decision.targets_count:,} targets, {decision.state}, digest {decision.digest[:8]}) froze it and "
            "becomes void, with every approval of it."
            for decision in rounds_of(viewer, case=case)
            if decision.state in {"submitted", "approved"}
            and decision.cut_off_at
            and row.added_at <= decision.cut_off_at
        ]
    return " ".join(parts)
