"""
The file in which the network says what became of lines: opened with a number, or failed with a code.

Its real columns and its way to the partner are not published (reference 3.1); these are this network's own.
"""

from __future__ import annotations

import csv
import io

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from ordering_sandbox.sim_network.network import JAPAN, Line, LineState


HEADER: Final = (
    "要求番号",
    "受付番号",
    "電話番号",
    "EID",
    "製造番号",
    "処理結果",
    "エラーコード",
    "処理日時",
)
"""Request key, receipt number, phone number, EID, product number, result, error code, when."""

_RESULTS: Final = {LineState.OPEN: "OK", LineState.FAILED: "NG"}


def completion_file(lines: Iterable[Line], *, since: datetime | None, encoding: str) -> bytes:
    """Return the file of every line that was opened or failed after *since*, oldest first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADER)
    for line in lines:
        settled, result = line.settled_at, _RESULTS.get(line.state)
        if settled is None or result is None or (since is not None and settled <= since):
            continue
        number = line.account if line.state is LineState.OPEN else ""
        when = settled.astimezone(JAPAN).strftime("%Y/%m/%d %H:%M:%S")
        writer.writerow(
            (
                line.request_key,
                line.receipt,
                number,
                line.eid,
                line.product_number,
                result,
                line.failure,
                when,
            )
        )
    return text.getvalue().encode(encoding)
