"""Organizations as they stand in a case, and what else could explain it."""

from enforcement.cases.models import Attribution as AttributionRow
from enforcement.cases.models import Case
from enforcement.packets.document_records import Alternative, Attribution
from enforcement.packets.gather.exhibits import exhibit_ref


def attributions_of(case: Case) -> tuple[Attribution, ...]:
    """Standing attributions, the surest first, each with the exhibits it rests on."""
    order = {"high": 0, "moderate": 1, "low": 2}
    rows = AttributionRow.objects.filter(case=case, withdrawn_at=None).select_related("organization__parent", "set_by")
    return tuple(
        Attribution(
            organization=row.organization.name,
            parent=row.organization.parent.name if row.organization.parent else "",
            role=row.get_role_display().lower(),
            confidence=row.confidence,
            basis=row.why,
            exhibits=tuple(
                exhibit_ref(basis.item.exhibit_number)
                for basis in row.basis.select_related("item").order_by("item__exhibit_number")
                if basis.item.exhibit_number and basis.item.withdrawn_at is None
            ),
            suggested_by_rule=row.suggested,
            agreed="",
        )
        for row in sorted(rows, key=lambda row: (order[row.confidence], row.pk))
    )


def alternatives_of(case: Case) -> tuple[Alternative, ...]:
    """Explanations that the data itself puts forward: chance, a shared network, an honest organization."""
    held = case.subjects.filter(carved_out=True).count()
    carved = (
        f"{held:,} subjects were carved out as bystanders." if held else "No subject was carved out as a bystander."
    )
    return (
        Alternative(
            explanation="The accounts coincide by chance",
            speaks_for="Some share only common identifiers",
            speaks_against="Each core passed its bar of surprise against the reference counts of the whole customer base",
            outcome="Contradicted for the cores; a single member may still be a coincidence",
        ),
        Alternative(
            explanation="Unrelated customers behind one network, office or reseller",
            speaks_for="Ranges and resellers serve many customers",
            speaks_against="A range alone links nobody, and findings rest on each account's own conduct",
            outcome=carved,
        ),
    )
