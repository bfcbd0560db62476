"""
Check digits: what tells a mistyped number from a right one, and the one slip that can be repaired.

All functions take ASCII digits and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable


def iso_7064_holds(digits: str) -> bool:
    """Whether the last two of *digits* are right: ISO 7064 MOD 97-10, as in an EID (GSMA SGP.02, SGP.29)."""
    return int(digits) % 97 == 1


def luhn_holds(digits: str) -> bool:
    """Whether the last of *digits* is right by Luhn, as in an ICCID (ITU-T E.118)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def only_adjacent_swap(digits: str, holds: Callable[[str], bool]) -> str | None:
    """
    Return *digits* with two neighbours swapped when exactly one such swap makes *holds* true; else None.

    None also when *holds* is true already. Two possible repairs are none: choosing would be guessing.
    """
    if holds(digits):
        return None
    swapped = (digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :] for i in range(len(digits) - 1))
    repairs = [candidate for candidate in swapped if holds(candidate)]
    return repairs[0] if len(repairs) == 1 else None
