"""
Run the installation: `python -m ordering_sandbox.whmcs --port 0`.

Prints one line of JSON when it answers, and stops on SIGTERM, SIGINT, or when its standard input ends.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from pathlib import Path

from ordering_sandbox.json_values import JsonObject, render_json
from ordering_sandbox.serving import stop_on_signals
from ordering_sandbox.whmcs.server import Options, run


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m ordering_sandbox.whmcs", description=__doc__)
    for name, what in (
        ("port", "the API and the client area over HTTP"),
        ("https-port", "the same over HTTPS"),
        ("admin-port", "the admin endpoint"),
    ):
        parser.add_argument(f"--{name}", type=int, default=0, help=f"port of {what}; 0 takes any")
    parser.add_argument("--seed", type=Path, help="seed file instead of the one that is shipped")
    parser.add_argument(
        "--database", type=Path, help="file that keeps the rows; without it, they are forgotten"
    )
    parser.add_argument("--tls", type=Path, help="folder that keeps certificates and keys")
    parser.add_argument("--detached", action="store_true", help="go on when standard input ends")
    arguments = parser.parse_args()
    detached: bool = arguments.detached
    options = Options(
        port=arguments.port,
        https_port=arguments.https_port,
        admin_port=arguments.admin_port,
        seed=arguments.seed,
        database=arguments.database,
        tls=arguments.tls,
    )
    asyncio.run(_main(options, watch_stdin=not detached))


async def _main(options: Options, *, watch_stdin: bool) -> None:
    stopping = asyncio.Event()
    stop_on_signals(stopping, watch_stdin=watch_stdin)
    await run(options, stopping, ready=_announce)


def _announce(addresses: JsonObject) -> None:
    sys.stdout.write(render_json(addresses).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
