"""Everything known of accounts: what the list shows beside each, and the whole file of one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, Sum

from accounts.models import Account, DailyCount, Membership, MembershipBasis
from accounts.selectors import AccountView, get_account
from enforcement.actions.models import ActionTarget
from enforcement.alerts.models import Alert
from enforcement.alerts.selectors import OPEN_STATES, alerts_of_account
from enforcement.audit.actors import Actor
from enforcement.cases.models import Subject
from enforcement.cases.selectors.cases import visible_cases
from enforcement.staff.matrix import Permission, can, require


@dataclass
class AboutAccount:
    """What a list shows beside an account. `daily` holds (day, exchanges) of the days asked for."""

    membership: Membership | None = None
    alerts: int = 0
    open_alerts: int = 0
    daily: list[tuple[date, int]] = field(default_factory=list)


@dataclass(frozen=True)
class AccountFile:
    """One account over all stages; what the viewer may not see is empty. `alerts` newest first, 50 at most."""

    view: AccountView
    alerts: Sequence[Alert]
    alerts_total: int
    subjects: Sequence[Subject]
    targets: Sequence[ActionTarget]


def about_accounts(viewer: Actor, *, accounts: Sequence[Account], since: date | None) -> dict[int, AboutAccount]:
    """By account id: cluster, alerts and daily counts, in four queries for the whole page."""
    require(viewer, Permission.ACCOUNT_VIEW)
    ids = [account.pk for account in accounts]
    found: defaultdict[int, AboutAccount] = defaultdict(AboutAccount)
    for member in Membership.objects.filter(account_id__in=ids, left_run=None).select_related("cluster"):
        found[member.account_id].membership = member
    if can(viewer, Permission.ALERT_VIEW):
        counted = (
            Alert.objects.filter(account_id__in=ids, detector__meters=None)
            .values("account_id")
            .annotate(n=Count("id"), open=Count("id", filter=Q(state__in=OPEN_STATES)))
        )
        for row in counted:
            found[row["account_id"]].alerts, found[row["account_id"]].open_alerts = row["n"], row["open"]
    if since is not None:
        rows = DailyCount.objects.filter(account_id__in=ids, day__gte=since).values("account_id", "day")
        for one in rows.annotate(total=Sum("exchanges")).order_by("account_id", "day"):
            found[one["account_id"]].daily.append((one["day"], one["total"]))
    return found


def account_file(viewer: Actor, *, platform_id: str) -> AccountFile:
    """Everything known of one account that `viewer` may see. Raises `Refusal` 403, 404."""
    view = get_account(viewer, platform_id=platform_id)
    alerts = alerts_of_account(view.account.pk) if can(viewer, Permission.ALERT_VIEW) else Alert.objects.none()
    subjects, targets = Subject.objects.none(), ActionTarget.objects.none()
    if can(viewer, Permission.CASE_VIEW):
        cases = visible_cases(viewer)
        subjects = Subject.objects.filter(account=view.account, case__in=cases).select_related("case", "finding_by")
        if can(viewer, Permission.ACTION_VIEW):
            targets = ActionTarget.objects.filter(target__account=view.account, action__case__in=cases)
            targets = targets.select_related("action__case", "action__decision")
    return AccountFile(
        view=view,
        alerts=list(alerts[:50]),
        alerts_total=alerts.count(),
        subjects=list(subjects.order_by("-id")[:20]),
        targets=list(targets.order_by("-id")[:20]),
    )


def strongest_reasons(memberships: Sequence[Membership], *, size: int = 3) -> dict[int, list[MembershipBasis]]:
    """By membership id: its `size` strongest reasons, in one query."""
    found: defaultdict[int, list[MembershipBasis]] = defaultdict(list)
    rows = MembershipBasis.objects.filter(membership_id__in=[member.pk for member in memberships])
    for row in rows.select_related("identifier").order_by("membership_id", "-bits", "id"):
        if len(found[row.membership_id]) < size:
            found[row.membership_id].append(row)
    return found
