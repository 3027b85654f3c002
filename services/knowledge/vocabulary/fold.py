"""The pure core of synonyms: one group, one command, one moment."""

from collections.abc import Sequence

from msgspec.structs import replace

from chassis.errors import NotFound, Refused, Stale
from chassis.message import Moment
from contracts.envelope import Event
from contracts.vocabulary import RemoveSynonyms, SaveSynonyms, SynonymsRemoved, SynonymsSaved
from services.knowledge.vocabulary.model import Group, Neighbours, check_free, tidy

Folded = tuple[Group, Sequence[Event]]


def fold(group: Group | None, moment: Moment) -> Folded:
    """Raises Refused when the words are no group or somebody was faster, NotFound where there is no group."""
    around = moment.message.hint if isinstance(moment.message.hint, Neighbours) else Neighbours()
    match moment.message.body:
        case SaveSynonyms() as save:
            return _save(group, moment, save, around)
        case RemoveSynonyms() as remove:
            return _remove(group, moment, remove, around)
    raise Refused("unknown_command", f"不认识的命令 {moment.message.body}")


def _save(group: Group | None, moment: Moment, command: SaveSynonyms, around: Neighbours) -> Folded:
    _check_version(group, moment, command.expected_version)
    words = tidy(command.words)
    check_free(words, around.taken)
    if group is not None and not group.removed and group.words == words:
        return group, []
    saved = moment.event(SynonymsSaved, group_id=moment.aggregate_id, words=words, occurred_at=moment.now)
    return Group(words, moment.now, command.actor.id), [saved]


def _remove(group: Group | None, moment: Moment, command: RemoveSynonyms, around: Neighbours) -> Folded:
    """A shipped group is hidden by this, whether it was saved before or not."""
    if (group is None and not around.shipped) or (group is not None and group.removed):
        raise NotFound("not_found", "没有这个同义词组: 请刷新后再试")
    _check_version(group, moment, command.expected_version)
    removed = moment.event(SynonymsRemoved, group_id=moment.aggregate_id, occurred_at=moment.now)
    known = group or Group(around.shipped, moment.now)
    return replace(known, removed=True, saved_at=moment.now, saved_by=command.actor.id), [removed]


def _check_version(group: Group | None, moment: Moment, expected: int | None) -> None:
    present = moment.version if group is not None and not group.removed else 0
    if expected not in (None, present):
        raise Stale("同义词组", present)
