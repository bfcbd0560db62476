"""
Reads what an SM-DP+ tells of a device: HandleDownloadProgressInfo of SGP.22 5.3.5.

The specification's own examples do not follow its schema, so much is let pass: a point of notification as
text, a number with its filler or without it, more fields than one knows (reference japan-telecom 3.2).
"""

from __future__ import annotations

from typing import Final

from ordering_adapters.sim_network.connection import answer_in, is_object
from ordering_core.domain.text import InvalidValue
from ordering_core.domain.values import Iccid


_INSTALLED: Final = "4"
"""The notification point of the installation; what comes before it changes nothing for us."""

_DONE: Final = frozenset({"Executed-Success", "Executed-WithWarning"})


class NoProgress(ValueError):
    """The body tells of no profile; the sentence names the field and quotes nothing."""


def installed_in(body: bytes) -> Iccid | None:
    """
    Return the profile that *body* says was installed; None when it tells of something else.

    Raises:
        NoProgress: It tells of no profile at all.

    """
    told = answer_in(body)
    if told is None:
        raise NoProgress("the body has to be a JSON object")
    try:
        iccid = Iccid.parse(str(told.get("iccid", "")))
    except InvalidValue as problem:
        raise NoProgress(f"iccid: {problem.code}") from None
    status = told.get("notificationPointStatus")
    said = status.get("status") if is_object(status) else None
    done = said in _DONE and str(told.get("notificationPointId", "")) == _INSTALLED
    return iccid if done else None
