"""Search over everything that the viewer may see: exact names first, then beginnings and parts of names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import Account, Cluster, Identifier, Organization
from enforcement.alerts.models import Alert
from enforcement.audit.actors import Actor
from enforcement.cases.selectors.cases import visible_cases
from enforcement.staff.matrix import Permission, can

MOST_OF_A_KIND = 20
LONGEST_QUESTION = 200


@dataclass(frozen=True)
class Hit:
    """Something found. `kind` names its page, `key` is what the page's address needs, `exact` whether it was named."""

    kind: str
    key: str
    title: str
    note: str
    exact: bool


def search(viewer: Actor, *, q: str) -> list[Hit]:
    """What `q` names, exact matches first; nothing for less than two characters."""
    word = " ".join(q.replace("\x00", " ").split())[:LONGEST_QUESTION]
    if len(word) < 2:
        return []
    found = [
        hit
        for permission, finder in _FINDERS
        if can(viewer, permission)
        for hit in finder(viewer, word)
    ]  # fmt: skip
    return sorted(found, key=lambda hit: not hit.exact)


def _cases(viewer: Actor, word: str) -> Iterator[Hit]:
    rows = visible_cases(viewer).filter(Q(ref__istartswith=word) | Q(title__icontains=word)).order_by("-id")
    for case in rows[:MOST_OF_A_KIND]:
        yield Hit("case", case.ref, case.title, case.get_state_display(), case.ref.lower() == word.lower())


def _clusters(_viewer: Actor, word: str) -> Iterator[Hit]:
    rows = Cluster.objects.filter(Q(ref__istartswith=word) | Q(name__icontains=word)).order_by("-size", "id")
    for cluster in rows[:MOST_OF_A_KIND]:
        title = cluster.name or f"{cluster.size:,} accounts"
        yield Hit("cluster", cluster.ref, title, f"{cluster.size:,} accounts", cluster.ref.lower() == word.lower())


def _accounts(_viewer: Actor, word: str) -> Iterator[Hit]:
    rows = Account.objects.select_related("declared_organization").filter(platform_id__istartswith=word)
    for account in rows.order_by("platform_id")[:MOST_OF_A_KIND]:
        told = account.declared_organization.name if account.declared_organization else account.declared_name
        note = f"{account.get_status_display()}, {account.exchanges:,} exchanges"
        exact = account.platform_id.lower() == word.lower()
        yield Hit("account", account.platform_id, told or "No organization declared", note, exact)


def _organizations(_viewer: Actor, word: str) -> Iterator[Hit]:
    named = Q(name__icontains=word) | Q(aliases__contains=[word]) | Q(domains__contains=[word.lower()])
    for one in Organization.objects.filter(named).order_by("name")[:MOST_OF_A_KIND]:
        names = {one.name.lower(), *(alias.lower() for alias in one.aliases), *one.domains}
        yield Hit("organization", str(one.pk), one.name, ", ".join(one.domains[:2]), word.lower() in names)


def _identifiers(_viewer: Actor, word: str) -> Iterator[Hit]:
    kind, colon, value = word.partition(":")
    rows = Identifier.objects.filter(value__istartswith=word)
    if colon and kind.isidentifier():
        rows = Identifier.objects.filter(Q(value__istartswith=word) | Q(kind=kind, value__istartswith=value))
    for one in rows.order_by("-holders", "id")[:MOST_OF_A_KIND]:
        exact = one.value.lower() in {word.lower(), value.lower()}
        yield Hit("identifier", f"{one.kind}:{one.value}", one.kind, f"{one.holders:,} holders known here", exact)


def _alerts(_viewer: Actor, word: str) -> Iterator[Hit]:
    number = word.upper().removeprefix("A-")
    if not (word.upper().startswith("A-") and number.isdecimal() and len(number) < 19):
        return
    for alert in Alert.objects.filter(pk=int(number)).select_related("tally", "account"):
        title = getattr(getattr(alert, "tally", None), "title", "") or alert.rule
        yield Hit("alert", str(alert.pk), title, f"on {alert.account}", exact=True)


_FINDERS: tuple[tuple[Permission, Callable[[Actor, str], Iterator[Hit]]], ...] = (
    (Permission.CASE_VIEW, _cases),
    (Permission.CLUSTER_VIEW, _clusters),
    (Permission.ALERT_VIEW, _alerts),
    (Permission.ACCOUNT_VIEW, _accounts),
    (Permission.ORGANIZATION_VIEW, _organizations),
    (Permission.ACCOUNT_VIEW, _identifiers),
)
