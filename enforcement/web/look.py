"""Theme, density and single keys: a person's own choice, kept in cookies so that it also holds on the sign-in page."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEMES = (("", "System"), ("light", "Light"), ("dark", "Dark"))
DENSITIES = (("", "Dense"), ("relaxed", "Relaxed"))
_KEPT_SECONDS = 365 * 86_400


@dataclass(frozen=True)
class Look:
    """What <html> is told. Empty theme: the system decides."""

    theme: str = ""
    density: str = ""
    single_keys: bool = True


def _allowed(value: str | None, choices: tuple[tuple[str, str], ...]) -> str:
    return value if value is not None and any(value == known for known, _ in choices) else ""


def look_of_request(request: HttpRequest | None) -> Look:
    """The look stored with this browser; anything but a known value counts as not chosen."""
    if request is None:
        return Look()
    return Look(
        theme=_allowed(request.COOKIES.get("theme"), THEMES),
        density=_allowed(request.COOKIES.get("density"), DENSITIES),
        single_keys=request.COOKIES.get("keys") != "off",
    )


@require_POST
def set_look(request: HttpRequest) -> HttpResponse:
    """Store the choice and go back to where it was made."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    answer = HttpResponseRedirect(back)
    chosen = {
        "theme": _allowed(request.POST.get("theme"), THEMES),
        "density": _allowed(request.POST.get("density"), DENSITIES),
        "keys": "" if request.POST.get("single_keys") else "off",
    }
    for name, value in chosen.items():
        if value:
            answer.set_cookie(
                name, value, max_age=_KEPT_SECONDS, secure=request.is_secure(), httponly=True, samesite="Lax"
            )
        else:
            answer.delete_cookie(name, samesite="Lax")
    return answer
