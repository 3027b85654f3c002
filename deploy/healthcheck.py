"""The image's health check: asks the service that this container runs whether it is ready.

It runs every few seconds in every container, so it imports nothing of the product (0.06 s of CPU
instead of 0.7 s) and carries its own copy of the ports; a test compares them with `yibao/services.py`.
"""

import http.client
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

PORTS = {"intake": 8101, "sla": 8102, "stats": 8103, "notify": 8104, "knowledge": 8105, "console": 8100}
TIMEOUT_S = 4.0


def service_of(argv: Sequence[str]) -> str | None:
    """The service that `... yibao run <service>` names; None for any other command."""
    for word, following in pairwise(argv):
        if word == "run" and following in PORTS:
            return following
    return None


def ready(port: int) -> bool:
    """Whether `/health/ready` answers 200 in time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main(first_process: Path = Path("/proc/1/cmdline")) -> int:
    """0 when ready, or when the container runs no service (provision, doctor); 1 otherwise."""
    service = service_of(first_process.read_bytes().decode().split("\0"))
    return 0 if service is None or ready(PORTS[service]) else 1


if __name__ == "__main__":
    sys.exit(main())
