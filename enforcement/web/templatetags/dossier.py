"""The one library templates load: ``{% load dossier %}`` gives every tag and filter of the neighbouring modules."""

from django.template import Library

from enforcement.web.templatetags import addresses, figures, forms, pictures, shell, states, times, words

register = Library()
for _part in (addresses, figures, forms, pictures, shell, states, times, words):
    register.tags.update(_part.register.tags)
    register.filters.update(_part.register.filters)
