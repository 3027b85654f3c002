"""Documents, put together: the store of originals, the key that seals them, the reader."""

from chassis.service import Service
from chassis.vault import Vault, fingerprint
from services.knowledge.documents.importing import Reader
from services.knowledge.documents.originals import Originals
from services.knowledge.documents.uploading import Uploads
from services.knowledge.settings import KnowledgeSettings


async def start_documents(service: Service, settings: KnowledgeSettings) -> None:
    """Raises ValueError for a bad key."""
    key = settings.desk_key
    originals = service.state["originals"] = Originals(service.db, Vault(key), fingerprint(key))
    await originals.prepare()
    service.state["uploads"] = Uploads(service, originals, Reader(), settings.document_max_mb)
