"""Every actor x permission, as a table that a change of the matrix must change too."""

import pytest

from enforcement.audit.actors import SYSTEM, Actor, rule_actor
from enforcement.audit.errors import Refusal
from enforcement.staff.matrix import Permission, Scope, can, require
from enforcement.staff.roles import Role

# One letter a role, then the system and a stored rule:
# Triager Investigator Lead Reviewer Enforcer aPpeal leGal aUditor Administrator Machine system rule
LETTERS = "TILREPGUAMsr"
PINNED = """
    overview.view        TILREPGUA.sr
    alert.view           TILREPGU..sr
    alert.triage         TIL.........
    account.view         TILREPGU..sr
    organization.view    TILREPGU..sr
    organization.edit    .IL.........
    cluster.view         TILREPGU..sr
    linking.run          .IL.....A.sr
    case.view            TILREPGU..sr
    case.open            TIL.......sr
    case.work            .IL.........
    case.assign          ..L.........
    case.advise          ......G.....
    case.submit          .IL.........
    case.close           .IL.........
    evidence.view        .ILREPGU..sr
    evidence.add         .IL.........
    evidence.withdraw    ..L.........
    decision.view        .ILREPGU..sr
    decision.approve     ...R........
    action.view          .ILREPGU..sr
    action.run           ....E.....sr
    packet.view          .ILREPGU..sr
    packet.build         .IL...G...sr
    policy.view          TILREPGUA.sr
    policy.edit          ........A.s.
    audit.view           ..L...GUA.s.
    import.view          TILREPGUA.sr
    import.create        .IL.....A.sr
    signal.post          .........Msr
    detector.view        TILREPGUA.sr
    detector.edit        ........A.s.
    staff.view           ..L....UA.s.
    staff.edit           ........A.s.
    settings.edit        ........A.s.
"""
ROWS = {line.split()[0]: line.split()[1] for line in PINNED.strip().splitlines()}
ACTORS = {
    **{
        letter: Actor("person", 1, role.label, frozenset({role.value}))
        for letter, role in zip(LETTERS, Role, strict=False)
        if role is not Role.MACHINE
    },
    "M": Actor("machine", 9, "token", frozenset({Role.MACHINE.value}), detector_id=4),
    "s": SYSTEM,
    "r": rule_actor("Threshold"),
}
OWN_DETECTOR = Scope(detector_id=4)


def test_every_permission_is_pinned() -> None:
    assert set(ROWS) == {permission.value for permission in Permission}


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("permission", list(Permission))
def test_each_actor_holds_what_the_table_says(letter: str, permission: Permission) -> None:
    assert can(ACTORS[letter], permission, OWN_DETECTOR) is (letter in ROWS[permission.value])


@pytest.mark.parametrize("permission", list(Permission))
def test_a_person_without_a_role_holds_nothing(permission: Permission) -> None:
    assert not can(Actor("person", 1, "Stranger"), permission)


@pytest.mark.parametrize("letter", "TILREPGUA")
def test_a_sealed_case_is_for_its_team_alone(letter: str) -> None:
    viewer = ACTORS[letter]
    held = letter in ROWS["case.view"]
    assert not can(viewer, Permission.CASE_VIEW, Scope(sealed=True, team=frozenset({2, 3})))
    assert can(viewer, Permission.CASE_VIEW, Scope(sealed=True, team=frozenset({1}))) is held


@pytest.mark.parametrize("scope", [None, Scope(), Scope(detector_id=5)])
def test_a_token_posts_as_its_own_detector_only(scope: Scope | None) -> None:
    assert not can(ACTORS["M"], Permission.SIGNAL_POST, scope)


@pytest.mark.parametrize(
    "permission",
    [Permission.CASE_WORK, Permission.CASE_SUBMIT, Permission.DECISION_APPROVE, Permission.ALERT_TRIAGE],
)
def test_neither_system_nor_rule_nor_administrator_decides(permission: Permission) -> None:
    assert not any(can(ACTORS[letter], permission) for letter in "srA")


def test_a_refusal_names_the_permission_and_who_holds_it() -> None:
    with pytest.raises(Refusal) as refused:
        require(ACTORS["T"], Permission.DECISION_APPROVE)
    assert refused.value.status == 403
    assert "decision.approve" in refused.value.message
    assert "Reviewer" in refused.value.message
