"""Attainment and exemptions, put together: the loop of exemptions, what was agreed, the routes."""

from collections.abc import Callable

from chassis.aggregate import Folded
from chassis.follow import Follower
from chassis.service import Service
from services.sla.attainment.agreed import Agreed
from services.sla.attainment.api import AttainmentController
from services.sla.attainment.reading import Source
from services.sla.attainment.recent import Recent
from services.sla.book import Book
from services.sla.exemptions.api import ExemptionController
from services.sla.exemptions.fold import fold
from services.sla.exemptions.store import Exemptions

ROUTES = (AttainmentController, ExemptionController)
_HEARD = ("directory.saved", "directory.removed")


async def start(service: Service, book: Callable[[], Book]) -> None:
    """Returns when the clauses of all contracts are known."""
    exemptions, agreed = Exemptions(service.db), Agreed()
    source = Source(service.db, agreed, book)
    service.state.update(exemptions=exemptions, agreed=agreed, attainment=source, recent=Recent(source))
    service.listen(Folded(fold), exemptions, part="exemption")
    follower = Follower(service.js, "DIRECTORY", agreed.hear, agreed.forget, _HEARD)
    service.background("clauses", follower.run())
    await follower.caught_up()
