"""People who work here, and the roles they hold."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from enforcement.audit.history import history
from enforcement.staff.roles import Role


class PersonManager(BaseUserManager["Person"]):
    """Finds people by e-mail address, as signing in does."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        """The person with this e-mail address, whatever its case."""
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """A member of staff. `theme` and `density` are their own display choices."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    theme = models.CharField(max_length=8, default="", blank=True)
    density = models.CharField(max_length=8, default="", blank=True)
    single_keys = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name_plural = "people"
        triggers = history(hidden=("password", "last_login"))

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """Two letters for the avatar."""
        parts = self.name.split()
        return (parts[0][:1] + parts[-1][:1]).upper() if parts else "?"


class RoleGrant(models.Model):
    """A role that a person holds, and who gave it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    granted_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role"], name="one_grant_a_role"),
            models.CheckConstraint(condition=~models.Q(role=Role.MACHINE), name="no_machine_person"),
        ]
        triggers = history()

    def __str__(self) -> str:
        return f"{self.person} as {self.get_role_display()}"
