"""How signing in differs from allauth's defaults: nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignup(DefaultAccountAdapter):
    """Accounts of staff are made by an administrator or `create_staff`."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False
