"""The parameters of one call, read as WHMCS reads them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import attrs

from ordering_sandbox.whmcs.php import PhpArray, PhpValue, is_true, to_decimal, to_int, to_text


class Refusal(Exception):
    """What WHMCS refuses with a message; nothing of the call is kept."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@attrs.frozen
class Parameters:
    """What a call was sent."""

    values: PhpArray = attrs.field(repr=False)

    def given(self, name: str) -> bool:
        """Whether the parameter was sent, empty or not."""
        return name in self.values

    def text(self, name: str) -> str:
        """Return a parameter as a text, empty when it was not sent."""
        return to_text(self.values.get(name)).strip()

    def number(self, name: str) -> int:
        """Return a parameter as a whole number, 0 when it was not sent."""
        return to_int(self.values.get(name))

    def decimal(self, name: str) -> Decimal:
        """Return a parameter as an amount, 0 when it was not sent."""
        return to_decimal(self.values.get(name))

    def flag(self, name: str) -> bool:
        """Whether the parameter is true in PHP."""
        return is_true(self.values.get(name))

    def array(self, name: str) -> Mapping[int | str, PhpValue]:
        """
        Return a parameter that has to be an array; none when it was not sent or is empty.

        Raises:
            Refusal: It is a plain text.

        """
        value = self.values.get(name, "")
        if isinstance(value, dict):
            return value
        if value:
            raise Refusal(f"Expecting parameter '{name}' to be an array")
        return {}

    def texts(self, *names: str) -> dict[str, str]:
        """Return those of *names* that were sent."""
        return {name: self.text(name) for name in names if name in self.values}
