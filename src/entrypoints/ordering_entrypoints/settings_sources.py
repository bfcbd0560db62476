"""
Where settings come from: the environment, files that it names, credentials of systemd, and a TOML file.

A setting has one name in two spellings, ``ORDERING_GROUP_FIELD`` in the environment and ``group.field`` in
the file. In place of a value, ``ORDERING_GROUP_FIELD_FILE`` and ``group.field_file`` name a file that holds
it. The environment goes before credentials, and those before the file.
"""

from __future__ import annotations

import re

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import attrs

from ordering_entrypoints.settings_file import TOP, SettingsFile, key, others_may_read


PREFIX: Final = "ORDERING_"
SETTINGS: Final = "ORDERING_SETTINGS"
CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
"""Where a unit finds what ``LoadCredential=`` loads: a file there is called as the variable, in any case."""

HIDDEN: Final = "***"

_VARIABLE: Final = re.compile(r"ORDERING_[A-Z0-9_]*[A-Z0-9]")


@attrs.frozen(kw_only=True)
class Given:
    """A setting that somebody set: its *value*, and the *origin* that errors name."""

    group: str
    field: str
    value: object = attrs.field(repr=False)
    origin: str
    is_secret: bool

    @property
    def name(self) -> str:
        """What it is called in a file."""
        return key(self.group, self.field)

    @property
    def shown(self) -> str:
        """The value as an operator may see it."""
        return HIDDEN if self.is_secret else str(self.value)


def variable(group: str, field: str) -> str:
    """Return what *field* of *group* is called in the environment."""
    return f"{PREFIX}{group}_{field}".upper() if group else f"{PREFIX}{field}".upper()


class Sources:
    """Hands out the settings of one process by name, and keeps what is wrong with where they come from."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.given: list[Given] = []
        self.exposed: list[str] = []
        """The files of secrets that others on the machine may read."""
        self._held_in: dict[str, str] = {}
        self._problems: list[str] = []
        self._known: list[tuple[str, str]] = []
        self._variables = {name: text for name, text in env.items() if name.startswith(PREFIX)}
        self._file = SettingsFile(self._variables.pop(SETTINGS, ""))
        self._credentials = self._credentials_in(env.get(CREDENTIALS, ""))

    def take(self, group: str, field: str, *, is_secret: bool) -> Given | None:
        """Return *field* of *group* from where it is set first, None when it is set nowhere."""
        self._known.append((group, field))
        # All are asked: what another one goes before is no unknown setting.
        found = [
            found
            for found in (
                self._from_environment(group, field),
                self._from_credentials(group, field),
                self._from_file(group, field, is_secret=is_secret),
            )
            if found is not None
        ]
        if not found:
            return None
        value, origin = found[0]
        hidden = is_secret and _hides(key(group, field), value)
        given = Given(group=group, field=field, value=value, origin=origin, is_secret=hidden)
        self.given.append(given)
        if hidden and (path := self._held_in.get(origin)) is not None and others_may_read(path):
            self.exposed.append(path)
        return given

    def mentions(self, group: str) -> bool:
        """Tell whether anything of *group* is set."""
        prefix = variable(group, "")
        names = (*self._variables, *self._credentials)
        return self._file.mentions(group) or any(name.startswith(prefix) for name in names)

    def place(self, group: str, field: str) -> str:
        """Return where *field* of *group*, which is set nowhere, would best be set."""
        return self._file.place(group, field) if self._file.mentions(group) else variable(group, field)

    def place_of_all(self, group: str) -> str:
        """Return where the settings of *group* are, which do not go together."""
        places = {self._is_in_file(given) for given in self.given if given.group == group}
        table = f"{self._file.path}: [{group}]"
        variables = f"{variable(group, '')}*"
        if places == {True, False}:
            return f"{variables} and {table}"
        return table if True in places else variables

    def in_place(self, problem: str) -> str:
        """Return *problem* with settings of the file named as they stand there, and not as variables."""
        standing = {
            variable(given.group, given.field): given.origin
            for given in self.given
            if self._is_in_file(given)
        }
        return _VARIABLE.sub(lambda found: standing.get(found[0], found[0]), problem)

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the places themselves and, once all was taken, what is left in them."""
        yield from self._problems
        names = [variable(*name) for name in self._known]
        for name in sorted(self._variables):
            yield _unknown(name, name, names)
        for name, path in sorted(self._credentials.items()):
            yield _unknown(f"the credential {path.name}", name, names)
        yield from self._file.problems(self._known)

    def _from_environment(self, group: str, field: str) -> tuple[object, str] | None:
        name = variable(group, field)
        text = self._variables.pop(name, None)
        path = self._variables.pop(f"{name}_FILE", None)
        if group == TOP and not text:
            text = None
        if path is None:
            return None if text is None else (text, name)
        if text is not None:
            self._problems.append(f"{name} and {name}_FILE are both set; keep one")
        return self._held(path, f"{name}_FILE")

    def _from_credentials(self, group: str, field: str) -> tuple[object, str] | None:
        path = self._credentials.pop(variable(group, field), None)
        return None if path is None else self._held(str(path), f"the credential {path.name}")

    def _from_file(self, group: str, field: str, *, is_secret: bool) -> tuple[object, str] | None:
        value = self._file.take(group, field)
        path = self._file.take(group, f"{field}_file")
        place = self._file.place(group, field)
        if value is not None and is_secret and _hides(key(group, field), value):
            self._file.holds_secret(key(group, field))
        if path is None:
            return None if value is None else (value, place)
        if value is not None:
            self._problems.append(f"{place} and {place}_file are both set; keep one")
        if not isinstance(path, str):
            self._problems.append(f"{place}_file has to be the path of a file, in quotation marks")
            return None
        return self._held(path, f"{place}_file")

    def _credentials_in(self, directory: str) -> dict[str, Path]:
        """Return the credentials in *directory* that are meant for us, by the names of their variables."""
        try:
            found = {path.name.upper(): path for path in Path(directory).iterdir()} if directory else {}
        except OSError as error:
            self._problems.append(f"{CREDENTIALS} cannot be read: {error.strerror}")
            return {}
        return {name: path for name, path in found.items() if name.startswith(PREFIX)}

    def _is_in_file(self, given: Given) -> bool:
        return bool(self._file.path) and given.origin.startswith(f"{self._file.path}: ")

    def _held(self, path: str, origin: str) -> tuple[object, str] | None:
        """Return what the file at *path* holds, without the end of its line."""
        try:
            text = Path(path).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
        except OSError as error:
            self._problems.append(f"{origin} names a file that cannot be read: {error.strerror}")
        except ValueError:
            self._problems.append(f"{origin} names a file that is no text in UTF-8")
        else:
            self._held_in[origin] = path
            if text:
                return text, origin
            self._problems.append(f"{origin} names an empty file")
        return None


def _hides(name: str, value: object) -> bool:
    """Tell whether *value* of the secret setting *name* hides anything; a URL may be without a password."""
    if name != "database" or not isinstance(value, str):
        return True
    try:
        url = urlsplit(value)
        return url.password is not None or "password" in parse_qs(url.query)
    except ValueError:
        return True


def _unknown(place: str, name: str, known: list[str]) -> str:
    meant = get_close_matches(name, known, n=1)
    return f"{place} is no setting" + (f"; {meant[0]} is" if meant else "")
