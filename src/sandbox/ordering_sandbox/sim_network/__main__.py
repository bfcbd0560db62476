"""
Run the network: `python -m ordering_sandbox.sim_network --port 0`.

Prints one line of JSON when it answers, and stops on SIGTERM, SIGINT, or when its standard input ends.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from pathlib import Path

from ordering_sandbox.json_values import JsonObject, render_json
from ordering_sandbox.serving import stop_on_signals
from ordering_sandbox.sim_network.server import Options, run


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m ordering_sandbox.sim_network", description=__doc__)
    for name, what in (
        ("port", "line orders and ES2+ over HTTP"),
        ("https-port", "the same over HTTPS"),
        ("mutual-port", "the same over HTTPS for clients with a certificate"),
        ("admin-port", "the admin endpoint"),
    ):
        parser.add_argument(f"--{name}", type=int, default=0, help=f"port of {what}; 0 takes any")
    parser.add_argument("--seed", type=Path, help="seed file instead of the one that is shipped")
    parser.add_argument("--tls", type=Path, help="folder that keeps certificates and keys")
    parser.add_argument("--operator", default="", help="address that is told what devices do with profiles")
    parser.add_argument("--detached", action="store_true", help="go on when standard input ends")
    arguments = parser.parse_args()
    detached: bool = arguments.detached
    options = Options(
        port=arguments.port,
        https_port=arguments.https_port,
        mutual_port=arguments.mutual_port,
        admin_port=arguments.admin_port,
        seed=arguments.seed,
        tls=arguments.tls,
        operator=arguments.operator,
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
