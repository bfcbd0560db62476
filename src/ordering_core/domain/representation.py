"""How a record shows itself: by name and fields, those that hold personal data left out or shortened."""

from __future__ import annotations

import attrs


def shown(self: attrs.AttrsInstance) -> str:
    """
    Return what attrs would generate as ``__repr__``.

    Assigned in the body of every record, so that attrs generates none: compiling one for each costs an
    importing host a fifth of what the whole core does.
    """
    shown_fields: list[str] = []
    for field in attrs.fields(type(self)):
        value = getattr(self, field.name)
        if field.repr is True:
            shown_fields.append(f"{field.name}={value!r}")
        elif field.repr:
            shown_fields.append(f"{field.name}={field.repr(value)}")
    return f"{type(self).__qualname__}({', '.join(shown_fields)})"
