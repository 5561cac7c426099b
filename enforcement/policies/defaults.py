"""What every installation begins with: reasons, approval rules, notice texts. Data, written by migration 0002.

All of it can be changed or added to later; rows that something refers to are switched off, never removed.
"""

# By use: code and label.
REASONS: dict[str, tuple[tuple[str, str], ...]] = {
    "dismissal": (
        ("false_positive", "The detector was wrong"),
        ("allowed_use", "The use is allowed by the terms"),
        ("own_test", "Our own test or research"),
        ("agreed_exception", "An agreed exception covers it"),
        ("too_little", "Too little to look at"),
        ("other", "Another reason, in words"),
    ),
    "return": (
        ("evidence_thin", "The evidence does not carry every finding"),
        ("targets_too_wide", "The targets reach accounts that should be left out"),
        ("action_too_hard", "A milder action would do"),
        ("clause_wrong", "The clause or policy version does not fit"),
        ("attribution_open", "The attribution is not settled"),
        ("other", "Another reason, given in words"),
    ),
    "refusal": (
        ("no_violation", "The conduct does not break the terms"),
        ("not_proportionate", "No action would be proportionate"),
        ("legal_bar", "A legal duty stands against it"),
        ("other", "Another reason, given in words"),
    ),
    "closing": (
        ("enforced", "Enforced"),
        ("no_violation", "No violation"),
        ("insufficient_evidence", "Insufficient evidence"),
        ("referred", "Referred to somebody else"),
    ),
    "void": (
        ("changed_after_freezing", "Something frozen was changed"),
        ("item_withdrawn", "A cited evidence item was withdrawn"),
        ("not_decided_in_time", "Nobody decided before it lapsed"),
        ("by_a_person", "Voided by a person"),
    ),
}

# Each: name, role, approvers, from how many targets on, hours until it lapses.
APPROVAL_RULES: tuple[tuple[str, str, int, int, int], ...] = (
    ("One reviewer", "reviewer", 1, 1, 168),
    ("Two reviewers from 1,000 targets", "reviewer", 2, 1_000, 168),
)

_FIND = "We found use of your account {account} that breaks {clauses} of our {policy}."
_ANSWER = (
    "You can answer within 30 days, and somebody who had no part in this decision will read your answer. "
    "Reply with the reference {reference}."
)
# action kind -> (subject, body); braces are filled in when the notice is written
NOTICE_TEXTS: dict[str, tuple[str, str]] = {
    "warn": (
        "A warning about your account {account}",
        f"{_FIND} Nothing changes for your account now. If the use goes on, we may restrict or end it.\n\n{_ANSWER}",
    ),
    "rate_limit": (
        "Your account {account} is limited",
        f"{_FIND} From {{date}} on, your account may send fewer requests than before.\n\n{_ANSWER}",
    ),
    "restrict": (
        "Your account {account} is restricted",
        f"{_FIND} From {{date}} on, some functions of your account are closed.\n\n{_ANSWER}",
    ),
    "suspend": (
        "Your account {account} is suspended",
        f"{_FIND} Your account is suspended from {{date}} on. Nothing in it is deleted.\n\n{_ANSWER}",
    ),
    "terminate": (
        "Your account {account} has been ended",
        f"{_FIND} Your account ended on {{date}}. You can ask for your data for 30 days.\n\n{_ANSWER}",
    ),
    "refuse_signup": (
        "We cannot open an account for you",
        f"{_FIND} For that reason we do not open a further account.\n\n{_ANSWER}",
    ),
}
