"""`python -m yibao.serve <service>`: one service and nothing of the command line, which would cost each 20 MB."""

import sys


def serve_service(name: str) -> None:
    """Until SIGTERM. Raises KeyError for an unknown name."""
    # structlog and Litestar would load them because they happen to be installed: 6 MB in each service.
    for unused in ("rich", "greenlet", "attr"):
        sys.modules.setdefault(unused, None)  # type: ignore[arg-type]
    from chassis.http import serve
    from chassis.logging import configure
    from yibao.services import SERVICES
    from yibao.settings import StackSettings

    entry = {e.name: e for e in SERVICES}[name]
    settings = StackSettings().located()
    configure(settings, name)
    serve(entry.app(settings), settings, settings.port(name))


if __name__ == "__main__":
    serve_service(sys.argv[1])
