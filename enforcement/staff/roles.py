"""The roles people hold, as design and matrix name them."""

from django.db import models


class Role(models.TextChoices):
    """A person may hold several; `machine` belongs to tokens alone."""

    TRIAGER = "triager", "Triager"
    INVESTIGATOR = "investigator", "Investigator"
    LEAD = "lead", "Lead"
    REVIEWER = "reviewer", "Reviewer"
    ENFORCER = "enforcer", "Enforcer"
    APPEAL_REVIEWER = "appeal_reviewer", "Appeal reviewer"
    LEGAL = "legal", "Legal"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"
    MACHINE = "machine", "Machine token"
