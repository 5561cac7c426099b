"""The one way to say no: every refusal is a named value that pages, REST and commands render."""


class Refusal(Exception):
    """A request that the rules do not allow.

    `code` is a stable dotted name (`decision.approver_is_proposer`), `message` one or two sentences that say what was
    wrong and what to do, `field` the input it concerns, `status` the HTTP status that fits (400 bad input, 403 not
    permitted, 404 not there, 409 the state or a guard stands in the way, 413 too large, 422 well-formed but refused).
    """

    def __init__(self, code: str, message: str, *, field: str | None = None, status: int = 409) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.status = status


def not_found(what: str, ref: object) -> Refusal:
    """The refusal for a `what` named `ref` that does not exist or may not be seen."""
    return Refusal(f"{what}.not_found", f"There is no {what} {ref} that you may see.", status=404)
