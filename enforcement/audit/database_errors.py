"""What the database refused, as a named refusal. The one place that knows the error codes of our triggers."""

from django.db import DatabaseError, DataError, IntegrityError

from enforcement.audit.errors import Refusal

# SQLSTATE of our triggers -> (code, what to do). The trigger's own message says what was wrong.
_CODES = {
    "DS001": ("database.state", "Reload the page: somebody else moved it meanwhile."),
    "DS002": ("database.frozen", "Make a new version instead."),
    "DS003": ("database.rule", "Change the input."),
    "DS004": ("database.read_only", "Reopen the case first."),
    "DS005": ("database.blocked", "Remove what blocks it, as the case page lists."),
    "DS006": ("database.second_person", "A person without a part in the case must approve the digest as submitted."),
}


def refusal_from(error: DatabaseError) -> Refusal | None:
    """The refusal that a database error stands for; none for a fault that is not the caller's."""
    cause = error.__cause__
    code = getattr(cause, "sqlstate", None)
    diagnostics = getattr(cause, "diag", None)
    if code in _CODES:
        name, remedy = _CODES[code]
        message = str(getattr(diagnostics, "message_primary", "") or error).strip()
        return Refusal(name, f"{message[:1].upper()}{message[1:]}. {remedy}", status=409)
    if isinstance(error, DataError):
        return Refusal(
            "database.data", "Something in the address or the form cannot be a value here: check it and send it again.",
            status=400,
        )  # fmt: skip
    if isinstance(error, IntegrityError):
        constraint = getattr(diagnostics, "constraint_name", None)
        if constraint:
            words = constraint.replace("_", " ")
            return Refusal(
                "database.constraint", f"The database refused this: {words}. Reload and try again.", status=409
            )
    return None
