"""What form templates must know of a field without holding logic themselves."""

from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.template import Context, Library
from django.utils.safestring import SafeString

from enforcement.web.templatetags.addresses import hidden_query
from enforcement.web.templatetags.figures import percent

register = Library()


@register.simple_tag
def field_kind(field: BoundField) -> str:
    """Which markup fits: "check" for one box, "choices" for a list of them, else "line"."""
    widget = field.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    return "check" if isinstance(widget, CheckboxInput) else "line"


@register.simple_tag
def error_count(form: BaseForm) -> int:
    """How many points a refused form has to correct."""
    return sum(len(errors) for errors in form.errors.values())


@register.simple_tag
def share_percent(done: float | None, total: float | None) -> str:
    """Progress as ``66 %``, or nothing while the total is not known."""
    return percent((done or 0) / total) if total else ""


@register.simple_tag(takes_context=True)
def hidden_query_for(context: Context, form: BaseForm) -> SafeString:
    """The present query as hidden inputs, save what the form's own fields will send."""
    return hidden_query(context, *(field.html_name for field in form.visible_fields()))


@register.filter
def own_words(error: str, field: BoundField) -> str:
    """An error that names its field: Django's "This field is required." does not say which."""
    return f"{field.label} is missing. Fill it in." if error == "This field is required." else error
