"""`{% load passkeys %}`: the options of a passkey ceremony as an attribute."""

from __future__ import annotations

import json
from typing import Any

from django import template

register = template.Library()


@register.filter
def tojson(value: Any) -> str:
    """JSON text; the template escapes it for the attribute."""
    return json.dumps(value)
