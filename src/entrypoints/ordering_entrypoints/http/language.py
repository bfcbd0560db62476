"""The language that sentences are wanted in."""

from __future__ import annotations

from ordering_core.domain.texts import Language
from ordering_entrypoints.http.auth import ApiRequest


def language_of(request: ApiRequest) -> Language:
    """Return the language that ``Accept-Language`` prefers of those we have, English if it does not say."""
    wanted: dict[str, float] = {}
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, weight = part.strip().lower().partition(";q=")
        try:
            wanted.setdefault(tag[:2], float(weight or 1))
        except ValueError:
            continue
    return Language.JAPANESE if wanted.get("ja", 0) > wanted.get("en", 0) else Language.ENGLISH
