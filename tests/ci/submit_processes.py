"""
Another process of ours at one checkout: it acts, or is killed while it acts. Run as a module.

Reads one JSON object a line: an act, a `Place`, and where to be killed. Each act is done in a process of its
own, forked from this one because starting Python costs a second; the answer is one JSON object a line.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from typing import Final, TextIO

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from tests.contract.checkout_shop import Place, Shop, attempt


SENT_WITHIN: Final = 0.1
"""Seconds after which a call that began has left this process."""


def die_around(part: str, moment: str) -> None:
    """Be killed when a call whose body has *part* in it is made: before, while it is on its way, or after."""
    send = HTTPAdapter.send

    def deadly(adapter: HTTPAdapter, request: PreparedRequest, *args: object, **kwargs: object) -> Response:
        struck = part in (request.body.decode() if isinstance(request.body, bytes) else "")
        if struck and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        if struck and moment == "during":
            signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
            signal.setitimer(signal.ITIMER_REAL, SENT_WITHIN)
        answer = send(adapter, request, *args, **kwargs)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - handed on as it came
        if struck:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    HTTPAdapter.send = deadly  # type: ignore[assignment,method-assign]  # pyright: ignore[reportAttributeAccessIssue] - a switch around the network


def act(wanted: dict[str, str], place: Place, said: TextIO) -> None:
    """Do one act and say what came of it."""
    shop = Shop(place)
    if wanted["part"]:
        die_around(wanted["part"], wanted["moment"])
    done = attempt(shop, wanted["act"])
    said.write(done)
    said.flush()


def serve() -> None:
    """Do what each line asks for, until there are no more."""
    for line in sys.stdin:
        wanted = json.loads(line)
        place = Place(**wanted.pop("place"))
        readable, writable = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(readable)
            with os.fdopen(writable, "w") as said:
                act(wanted, place, said)
            os._exit(0)
        os.close(writable)
        with os.fdopen(readable) as heard:
            told = heard.read()
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        answer = {"killed": killed, "failed": bool(status) and not killed, "said": told}
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
