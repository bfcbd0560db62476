"""
Write the Python messages of Salesforce's Pub/Sub API: `python tools/make_pubsub_messages.py`.

They are committed, so that nobody needs a compiler to run the sandbox.
"""

import subprocess
import sys

from pathlib import Path
from typing import Final


FOLDER: Final = Path(__file__).parents[1] / "src/sandbox/ordering_sandbox/salesforce/events/proto"


def main() -> int:
    """Write pubsub_api_pb2.py and its types beside the .proto file."""
    out = [f"-I{FOLDER}", f"--python_out={FOLDER}", f"--pyi_out={FOLDER}"]
    command = [sys.executable, "-m", "grpc_tools.protoc", *out, "pubsub_api.proto"]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
