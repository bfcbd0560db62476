"""HEAD, answered as GET without its body, as every server has to (RFC 9110, 9.3.2)."""

from __future__ import annotations

from typing import Final

from litestar import Litestar
from litestar.enums import HttpMethod
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Message, Receive, Scope, Send


_NOTHING_MORE: Final[Message] = {"type": "http.response.body", "body": b"", "more_body": False}


class AnswersHead(Litestar):
    """An app whose GET routes answer HEAD too; the framework knows only routes that were written for it."""

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        """Answer one request."""
        # servers send plain texts where the framework declares its own enums
        if scope["type"] != "http" or scope["method"] != "HEAD":  # type: ignore[comparison-overlap,typeddict-item]
            await super().__call__(scope, receive, send)
            return

        async def headers_only(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)  # type: ignore[arg-type]  # of a request, this is what takes messages
                await send(_NOTHING_MORE)  # type: ignore[arg-type]  # which ends a stream, too

        as_get: Scope = {**scope, "method": HttpMethod.GET}  # type: ignore[assignment]  # only HTTP has methods
        await super().__call__(as_get, receive, headers_only)
