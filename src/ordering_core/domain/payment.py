"""Which of a customer's payment methods counts (DESIGN 3.20)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import attrs

from ordering_core.domain.calendar import business_date
from ordering_core.domain.representation import shown


@attrs.frozen(kw_only=True)
class PaymentMethod:
    """A stored card or account; *expires* is any day of the month it expires in, None for never."""

    id: int
    gateway: str
    description: str = ""
    last_four: str = attrs.field(default="", repr=False)
    expires: date | None = None

    __repr__ = shown

    def counts(self, *, gateway: str, at: datetime) -> bool:
        """Whether it is of *gateway* and unexpired at the end of this month in Japan."""
        today = business_date(at)
        return self.gateway == gateway and (
            self.expires is None or (self.expires.year, self.expires.month) >= (today.year, today.month)
        )


def payment_method_that_counts(
    methods: Iterable[PaymentMethod], *, gateway: str, at: datetime
) -> PaymentMethod | None:
    """Return the first that counts, in the order WHMCS lists them, or None; it is shown as the default."""
    return next((method for method in methods if method.counts(gateway=gateway, at=at)), None)
