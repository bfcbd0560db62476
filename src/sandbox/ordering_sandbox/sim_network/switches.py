"""How this network behaves where networks differ, or where nobody has published what they do."""

from __future__ import annotations

from typing import Final

import attrs

from ordering_sandbox.json_values import JsonObject, NotJson, flag_of, number_of, text_of


_ENCODINGS: Final = ("cp932", "utf-8", "utf-8-sig")


@attrs.frozen(kw_only=True)
class Switches:
    """
    The network's switches.

    * *completion_seconds*: how long a line takes from being accepted to being open;
    * *port_days*: days a reservation must have left when a port is submitted, that day included;
    * *key_seconds*: how long an authKey lives; *lock_minutes*: how long a line refuses a second change;
    * *status_query*: whether ``mvno/getDetail/`` exists; *account_in_answer*, *receipt_in_answer*: whether
      an accepted line's number, and the network's own number of the request, are told at once;
      *numeric_codes*: ``100`` for ``"100"``;
    * *line_per_device*: whether a device, known by its EID, may have one line only;
    * *completion_encoding*: of the file of completions;
    * *release_activates*: whether a device downloads a profile by itself as soon as it is released.
    """

    completion_seconds: float = 600.0
    port_days: int = 7
    key_seconds: float = 3600.0
    lock_minutes: float = 0.0
    status_query: bool = True
    account_in_answer: bool = True
    receipt_in_answer: bool = True
    numeric_codes: bool = False
    line_per_device: bool = False
    completion_encoding: str = "cp932"
    release_activates: bool = False

    def changed(self, record: JsonObject) -> Switches:
        """
        Return the switches with those that *record* names set.

        Raises:
            NotJson: It names an unknown one, or a value of another kind.

        """
        known = {field.name for field in attrs.fields(Switches)}
        if unknown := record.keys() - known:
            raise NotJson(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")
        encoding = text_of(record, "completion_encoding", self.completion_encoding)
        if encoding not in _ENCODINGS:
            raise NotJson(f"completion_encoding has to be one of: {', '.join(_ENCODINGS)}")
        return Switches(
            completion_seconds=number_of(record, "completion_seconds", self.completion_seconds),
            port_days=int(number_of(record, "port_days", self.port_days)),
            key_seconds=number_of(record, "key_seconds", self.key_seconds),
            lock_minutes=number_of(record, "lock_minutes", self.lock_minutes),
            status_query=flag_of(record, "status_query", default=self.status_query),
            account_in_answer=flag_of(record, "account_in_answer", default=self.account_in_answer),
            receipt_in_answer=flag_of(record, "receipt_in_answer", default=self.receipt_in_answer),
            numeric_codes=flag_of(record, "numeric_codes", default=self.numeric_codes),
            line_per_device=flag_of(record, "line_per_device", default=self.line_per_device),
            completion_encoding=encoding,
            release_activates=flag_of(record, "release_activates", default=self.release_activates),
        )
