"""
Run the installation: `python -m ordering_sandbox.whmcs --port 0`.

Prints one line of JSON when it answers, and stops on SIGTERM, SIGINT, or when its standard input ends.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from ordering_sandbox.command_line import arguments_of, run_until_stopped
from ordering_sandbox.whmcs.server import Options, run


_PORTS: Final = {
    "port": "the API and the client area over HTTP",
    "https-port": "the same over HTTPS",
}


def main() -> None:
    """Read the arguments and run."""
    parser = arguments_of("ordering_sandbox.whmcs", __doc__, _PORTS)
    parser.add_argument(
        "--database", type=Path, help="file that keeps the rows; without it, they are forgotten"
    )
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
    run_until_stopped(partial(run, options), detached=detached)


if __name__ == "__main__":
    main()
