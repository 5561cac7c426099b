"""Who acts: a person, a machine token, a rule or the system itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever a service acts for. `kind` is person, machine, rule or system; `id` its row where it has one."""

    kind: str
    id: int | None
    label: str
    roles: frozenset[str] = frozenset()
    detector_id: int | None = None

    @property
    def person_id(self) -> int | None:
        """The person's id, none for anything that is not a person."""
        return self.id if self.kind == "person" else None


SYSTEM = Actor("system", None, "Dossier")


def rule_actor(name: str) -> Actor:
    """The actor for something that a stored rule did by itself."""
    return Actor("rule", None, name)
