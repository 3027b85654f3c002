"""What every service stands on: the loop, the broker, the store, HTTP, settings, logs, metrics. Knows no service."""

import sys

# PyMongo looks for PyOpenSSL and, on the way, imports cryptography.x509: 8 MB and 0.1 s in every process, before it
# finds that PyOpenSSL is not there. Its async client could not use it anyway; the standard library's ssl remains.
sys.modules.setdefault("pymongo.pyopenssl_context", None)  # type: ignore[arg-type]
