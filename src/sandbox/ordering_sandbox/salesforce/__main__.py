"""
Run the org: `python -m ordering_sandbox.salesforce --port 0`.

Prints one line of JSON when it answers, and stops on SIGTERM, SIGINT, or when its standard input ends.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from ordering_sandbox.command_line import arguments_of, run_until_stopped
from ordering_sandbox.salesforce.server import Options, run


_PORTS: Final = {
    "port": "REST over HTTP",
    "https-port": "REST over HTTPS",
    "grpc-port": "Pub/Sub in plain text",
    "grpc-tls-port": "Pub/Sub over TLS",
}


def main() -> None:
    """Read the arguments and run."""
    parser = arguments_of("ordering_sandbox.salesforce", __doc__, _PORTS)
    parser.add_argument("--database", type=Path, help="file that keeps the org; without it, it is forgotten")
    arguments = parser.parse_args()
    detached: bool = arguments.detached
    options = Options(
        port=arguments.port,
        https_port=arguments.https_port,
        admin_port=arguments.admin_port,
        grpc_port=arguments.grpc_port,
        grpc_tls_port=arguments.grpc_tls_port,
        seed=arguments.seed,
        database=arguments.database,
        tls=arguments.tls,
    )
    run_until_stopped(partial(run, options), detached=detached)


if __name__ == "__main__":
    main()
