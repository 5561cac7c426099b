"""Proposals, the targets they froze, and a second person's yes to exactly those."""

import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models import Account
from enforcement.audit.guards import append_only, frozen
from enforcement.audit.history import history
from enforcement.cases.models import Case, Subject
from enforcement.decisions.states import ACTION_KINDS, DECISION_STATES
from enforcement.policies.models import ApprovalRule, PolicyVersion, Reason
from enforcement.signals.models import Blob
from enforcement.staff.models import Person

_NOT_DRAFT = "OLD.state <> 'draft'"


class Decision(models.Model):
    """One round of proposing and deciding. `snapshot` holds what was frozen, and `digest` is its SHA-256."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    round = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=DECISION_STATES.choices, default="draft")
    proposer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    summary = models.TextField(blank=True)
    action_kind = models.CharField(max_length=20, choices=list(ACTION_KINDS.items()))
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    rules = models.ManyToManyField(ApprovalRule, related_name="+")
    approvals_needed = models.PositiveSmallIntegerField(default=1)
    snapshot = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    digest = models.CharField(max_length=64, blank=True)
    cut_off_at = models.DateTimeField(null=True)
    targets_count = models.PositiveIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True)
    lapses_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    ended_reason = models.ForeignKey(Reason, on_delete=models.PROTECT, null=True, related_name="+")
    ended_text = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["case", "round"], name="one_decision_a_round"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=["draft", "submitted"]), name="one_open_decision_a_case"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"]) | ~Q(digest=""), name="a_submitted_decision_has_a_digest"
            ),
            models.CheckConstraint(condition=Q(approvals_needed__gte=1), name="a_decision_needs_somebody_else"),
        ]
        triggers = [
            *history(),
            *DECISION_STATES.triggers(),
            frozen("case_id", "round", "proposer_id"),
            frozen("digest", "snapshot_id", "cut_off_at", "targets_count", "approvals_needed", "action_kind",
                   "policy_version_id", after=_NOT_DRAFT),
            pgtrigger.Trigger(
                name="approved_by_enough",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF NEW.state = 'approved' AND OLD.state <> 'approved' AND
                       (SELECT count(DISTINCT a.person_id) FROM decisions_approval a
                         WHERE a.decision_id = NEW.id AND a.digest = NEW.digest
                           AND NOT EXISTS (SELECT 1 FROM cases_involvement i
                                            WHERE i.case_id = NEW.case_id AND i.person_id = a.person_id)
                       ) < NEW.approvals_needed THEN
                        RAISE EXCEPTION 'decision %: % approvals of its digest are needed', NEW.id, NEW.approvals_needed
                        USING ERRCODE = 'DS006';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"decision {self.round}"


class Target(models.Model):
    """One account that a decision falls on, frozen at submission. It may be dropped later; none may be added."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="targets")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="targets")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="targets")
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["decision", "account"], name="one_target_an_account")]
        triggers = [
            *history(),
            frozen("decision_id", "subject_id", "account_id"),
            frozen("dropped_at", after="OLD.dropped_at IS NOT NULL"),
            pgtrigger.Trigger(
                name="frozen_list",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Delete,
                declare=[("held", "TEXT")],
                func="""
                    SELECT state INTO held FROM decisions_decision
                     WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.decision_id ELSE NEW.decision_id END;
                    IF held <> 'draft' THEN
                        RAISE EXCEPTION 'target: the list of a % decision is frozen', held USING ERRCODE = 'DS002';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="found_violating",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func="""
                    IF EXISTS (
                        SELECT 1 FROM new_rows n
                          JOIN decisions_decision d ON d.id = n.decision_id
                          JOIN cases_subject s ON s.id = n.subject_id
                         WHERE s.case_id <> d.case_id OR s.account_id <> n.account_id OR s.finding <> 'violating'
                    ) THEN
                        RAISE EXCEPTION 'target: it must be a subject of the case, found violating' USING ERRCODE = 'DS003';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"target {self.account_id}"


class Approval(models.Model):
    """A named second person's yes to exactly the frozen list. The database refuses anyone who had a part in it."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="approvals")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    reason = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["decision", "person"], name="one_approval_a_person")]
        triggers = [
            *history(),
            append_only(),
            pgtrigger.Trigger(
                name="second_person",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("d", "RECORD")],
                func="""
                    SELECT case_id, proposer_id, digest, state INTO d
                      FROM decisions_decision WHERE id = NEW.decision_id FOR UPDATE;
                    IF d.state <> 'submitted' THEN
                        RAISE EXCEPTION 'approval: the decision is %', d.state USING ERRCODE = 'DS006';
                    ELSIF d.digest <> NEW.digest THEN
                        RAISE EXCEPTION 'approval: the digest is not the one submitted' USING ERRCODE = 'DS006';
                    ELSIF d.proposer_id = NEW.person_id THEN
                        RAISE EXCEPTION 'approval: the proposer may not approve' USING ERRCODE = 'DS006';
                    ELSIF EXISTS (SELECT 1 FROM cases_involvement
                                   WHERE case_id = d.case_id AND person_id = NEW.person_id) THEN
                        RAISE EXCEPTION 'approval: the approver had a part in the case' USING ERRCODE = 'DS006';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"approval by {self.person_id}"
