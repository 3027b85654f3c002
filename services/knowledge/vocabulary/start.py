"""Synonyms, put together: their loop, and the picture of them in memory."""

from chassis.aggregate import Folded
from chassis.follow import Follower
from chassis.service import Service
from services.knowledge.vocabulary.fold import fold
from services.knowledge.vocabulary.shipped import shipped_groups
from services.knowledge.vocabulary.store import Vocabulary
from services.knowledge.vocabulary.synonyms import Synonyms


def shipped_synonyms() -> Synonyms:
    """As they ship; `start_vocabulary` makes them those of the desk."""
    return Synonyms(shipped_groups())


async def start_vocabulary(service: Service, synonyms: Synonyms) -> None:
    """Returns when this process knows all synonyms."""
    store = service.state["vocabulary"] = Vocabulary(service.db, shipped_groups())
    service.state["synonyms"] = synonyms
    service.listen(Folded(fold), store, part="vocabulary")
    follower = Follower(service.js, "VOCABULARY", synonyms.hear, synonyms.forget)
    service.background("vocabulary picture", follower.run())
    service.health.add("vocabulary", follower.check)
    await follower.caught_up()
