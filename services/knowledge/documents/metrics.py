"""What ops watch of imported documents."""

from prometheus_client import Counter

DOCUMENTS = Counter("yibao_documents_total", "Documents handed in; `code` says why one was refused", ["status", "code"])
