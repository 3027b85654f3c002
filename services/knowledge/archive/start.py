"""Archives, put together."""

from chassis.service import Service
from services.knowledge.archive.printing import Press
from services.knowledge.articles.store import Articles


def start_archive(service: Service) -> None:
    service.state["press"] = Press(Articles(service.db))
