"""How to reach an SM-DP+, and which profiles there are ours to choose."""

from __future__ import annotations

import re

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

from ordering_adapters.sim_network.connection import base_of, check_address
from ordering_core.domain.check_digits import luhn_holds
from ordering_core.domain.values import Iccid


_BODY: Final = re.compile(r"[0-9]{18}")
_REQUESTER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_VERSION: Final = re.compile(r"2\.[0-9]+\.[0-9]+")
_DIGITS: Final = 10


@attrs.frozen(kw_only=True)
class IccidRange:
    """
    Profiles with consecutive numbers: *first* is an ICCID without its check digit, 18 digits.

    Raises:
        ValueError: It is none, or there are no *count* numbers from there.

    """

    first: str = attrs.field(repr=False)
    count: int

    def __attrs_post_init__(self) -> None:
        if not _BODY.fullmatch(self.first):
            raise ValueError("first has to be the 18 digits of an ICCID without its check digit")
        if self.count < 1 or int(self.first) + self.count > _DIGITS ** len(self.first):
            raise ValueError("count has to be 1 or more, and all numbers have to have 18 digits")

    def number(self, place: int) -> Iccid:
        """Return the ICCID at *place*, counted from 0 and around the range."""
        body = f"{int(self.first) + place % self.count:018d}"
        return Iccid(next(made for digit in range(_DIGITS) if luhn_holds(made := f"{body}{digit}")))


@attrs.frozen(kw_only=True)
class Es2PlusSettings:
    """
    One SM-DP+.

    *url* is the address beneath which ``gsma/rsp2/es2plus/`` lies. *requester* names us, an object identifier
    such as ``1.3.6.1.4.1.99999.1``. *smdp_address* is where devices reach it, for activation codes (empty:
    what it says itself, if its answer is not lost). *iccids* are the profiles that we choose from, by profile
    type: without them the SM-DP+ chooses, and a download order whose answer was lost cannot be told from one
    that never was. *timeout* (seconds) is for all calls of one step. *certificate_file* and *key_file* are
    ours, for mutual TLS; *ca_file* replaces the system's authorities.

    Raises:
        ValueError: What cannot work.

    """

    url: str
    requester: str
    version: str = "2.2.0"
    smdp_address: str = ""
    iccids: Mapping[str, IccidRange] = attrs.field(factory=dict[str, IccidRange])
    timeout: float = 20.0
    connect_timeout: float = 5.0
    concurrency: int = 4
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None

    def __attrs_post_init__(self) -> None:
        check_address(self.url)
        if not _REQUESTER.fullmatch(self.requester):
            raise ValueError("requester has to be an object identifier such as 1.3.6.1.4.1.99999.1")
        if not _VERSION.fullmatch(self.version):
            raise ValueError("version has to be one of 2.x.y: the functions of others have other names")
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("a certificate needs its key, and a key its certificate")
        if self.concurrency < 1:
            raise ValueError("concurrency has to be 1 or more")

    @property
    def base(self) -> str:
        """The address of the functions."""
        return base_of(self.url) + "gsma/rsp2/es2plus/"
