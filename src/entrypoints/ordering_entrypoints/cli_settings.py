"""`ordering settings`: what is set, where, and to what, without secrets."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ordering_entrypoints.settings import what_is_set
from ordering_entrypoints.terminal import Terminal
from ordering_entrypoints.wire import to_json


@attrs.frozen(kw_only=True)
class SettingView:
    """One setting: its *name* as in a file, its *value* or ``***``, and the *place* that sets it."""

    name: str
    value: str
    place: str


@attrs.frozen(kw_only=True)
class SettingsView:
    """Everything that is set."""

    settings: tuple[SettingView, ...]


def show_settings(terminal: Terminal, environment: Mapping[str, str], *, as_json: bool) -> int:
    """
    Show what *environment*, and the files it names, set.

    Raises:
        SettingsError: With everything that is wrong with them.

    """
    found = tuple(
        SettingView(name=given.name, value=given.shown, place=given.origin)
        for given in what_is_set(environment)
    )
    if as_json:
        terminal.say(to_json(SettingsView(settings=found)))
    elif found:
        terminal.table(
            ("setting", "value", "set by"), [(each.name, each.value, each.place) for each in found]
        )
    else:
        terminal.say("Nothing is set; everything is as docs/configuration.md says.")
    return 0
