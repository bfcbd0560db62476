"""
Run the network: `python -m ordering_sandbox.sim_network --port 0`.

Prints one line of JSON when it answers, and stops on SIGTERM, SIGINT, or when its standard input ends.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from ordering_sandbox.command_line import arguments_of, run_until_stopped
from ordering_sandbox.sim_network.server import Options, run


_PORTS: Final = {
    "port": "line orders and ES2+ over HTTP",
    "https-port": "the same over HTTPS",
    "mutual-port": "the same over HTTPS for clients with a certificate",
}


def main() -> None:
    """Read the arguments and run."""
    parser = arguments_of("ordering_sandbox.sim_network", __doc__, _PORTS)
    parser.add_argument("--operator", default="", help="address that is told what devices do with profiles")
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
    run_until_stopped(partial(run, options), detached=detached)


if __name__ == "__main__":
    main()
