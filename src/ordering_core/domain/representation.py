"""How a record with many fields shows itself: by name and fields, those that hold personal data left out."""

from __future__ import annotations

import attrs


def shown(self: attrs.AttrsInstance) -> str:
    """
    Return what attrs would generate as ``__repr__``.

    Assigned in the body of a large record, so that attrs generates none: compiling one for each costs an
    importing host a fifth of what the whole core does.
    """
    fields = (field for field in attrs.fields(type(self)) if field.repr)
    values = (f"{field.name}={getattr(self, field.name)!r}" for field in fields)
    return f"{type(self).__qualname__}({', '.join(values)})"
