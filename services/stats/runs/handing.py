"""What is said to others when a run has come to a result, before the run itself says that it is finished.

What was compared becomes a reconciliation of the institution; counts of settlement lists are told to sla. Said again
after a crash, each is the same command.
"""

from uuid import UUID

import msgspec

from chassis.http import now
from chassis.logging import logger
from chassis.outgoing import from_command
from chassis.service import Service
from services.stats.lists.counts import TABLE as LISTS
from services.stats.lists.counts import Count
from services.stats.lists.feeding import Fed, feed
from services.stats.places import COUNTS, run_dir
from services.stats.reconcile.handover import BRIEF, command_of
from services.stats.runs.model import Run
from services.stats.runs.saying import asker

log = logger(__name__)


async def hand_over(service: Service, run_id: UUID, run: Run) -> tuple[str, ...]:
    """What staff should know of it, in Chinese. Raises NatsError, and OSError when the files of the result are gone."""
    folder = run_dir(service.settings.data_dir, run_id)
    if run.kind == "ingest" and run.report == LISTS:
        told = msgspec.json.decode((folder / COUNTS).read_bytes(), type=list[Count])
        fed = await feed(service.js, service.outbox.publish, told, now())
        log.info("settlement lists told", items=fed.items, unowed=len(fed.unowed))
        return _told(fed)
    if run.kind == "reconcile" and run.wanted.institutions is not None:
        [institution] = run.wanted.institutions
        wish = command_of(folder / BRIEF, run_id, institution, run.wanted.period, asker(run), now())
        await service.outbox.publish([from_command(wish)])
    return ()


def _told(fed: Fed) -> tuple[str, ...]:
    if not fed.unowed:
        return ()
    some = "、".join(fed.unowed[:10]) + (" 等" if len(fed.unowed) > 10 else "")
    told = f"有 {len(fed.unowed)} 家机构的清单没有对应的上传义务, 不会催办: {some}"
    return (f"{told}。请在义务配置与机构名录中核对",)
