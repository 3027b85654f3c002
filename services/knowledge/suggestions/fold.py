"""The pure core of suggestions: one case, one event or verdict, one moment."""

from collections.abc import Sequence

from msgspec.structs import asdict, replace

from chassis.errors import NotFound, Refused
from chassis.message import Moment
from chassis.personal.masking import mask_reply
from contracts.envelope import Command, Event
from contracts.knowledge_work import JudgeArticle
from contracts.suggestion import JudgeSuggestion, Suggested, SuggestionJudged, SuggestionMade
from services.knowledge.articles.model import article_id_of
from services.knowledge.suggestions.model import MOST, Advice, Heard, Hint, Judgement, Offer, hear

Folded = tuple[Advice, Sequence[Event | Command]]
MOST_JUDGED = 200


def fold(advice: Advice | None, moment: Moment) -> Folded:
    """Raises NotFound for a verdict on a case that is not known, Refused for one on the case's own article."""
    body = moment.message.body
    if isinstance(body, JudgeSuggestion):
        if advice is None:
            raise NotFound("not_found", "没有这个工单的推荐: 请核对工单编号, 新工单请稍候再试")
        return _judge(advice, moment, body)
    assert isinstance(body, Heard)
    heard = hear(advice, body)
    hint = moment.message.hint
    return _suggest(heard, moment, hint) if isinstance(hint, Hint) else (heard, [])


def _suggest(advice: Advice, moment: Moment, hint: Hint) -> Folded:
    """What staff have rejected for this case stays away; nothing is said when the list is what it was.

    It happened when the case event was written down: the time from there on is the desk's own.
    """
    body = moment.message.body
    assert isinstance(body, Event)
    offers = tuple(o for o in hint.offers if o.article_id not in advice.rejected)[:MOST]
    if [o.gist for o in offers] == [o.gist for o in advice.offers]:
        return advice, []
    made = moment.event(
        SuggestionMade, case_id=moment.aggregate_id, number=advice.number, occurred_at=body.recorded_at,
        suggestions=tuple(map(_said, offers)),
    )  # fmt: skip
    return replace(advice, offers=offers), [made]


def _said(offer: Offer) -> Suggested:
    facts = asdict(offer)
    facts["reasons"] = tuple(asdict(reason) for reason in offer.reasons)
    return Suggested(**facts)


def _judge(advice: Advice, moment: Moment, command: JudgeSuggestion) -> Folded:
    """The last verdict counts; the article hears of it, unless it was the same before."""
    before = advice.verdict_on(command.article_id)
    note = mask_reply(command.note)
    if before is not None and (before.verdict, before.note) == (command.verdict, note):
        return advice, []
    if command.article_id == article_id_of(moment.aggregate_id):
        raise Refused("own_article", "这条知识出自本工单: 不能作为对本工单的推荐来评价")
    others = tuple(v for v in advice.verdicts if v.article_id != command.article_id)
    if len(others) >= MOST_JUDGED:
        raise Refused("verdicts_full", f"一个工单最多评价 {MOST_JUDGED} 条推荐: 请修改已有的评价")
    by = moment.message.actor.id
    judgement = Judgement(command.article_id, command.verdict, by, moment.message.occurred_at, note)
    offers = advice.offers
    if command.verdict == "rejected":
        offers = tuple(o for o in offers if o.article_id != command.article_id)
    judged = replace(advice, verdicts=(*others, judgement), is_judged=True, offers=offers)
    return judged, _told(advice, moment, command, before, note)


def _told(
    advice: Advice, moment: Moment, command: JudgeSuggestion, before: Judgement | None, note: str
) -> Sequence[Event | Command]:
    article, verdict = command.article_id, command.verdict
    event = moment.event(
        SuggestionJudged,
        case_id=moment.aggregate_id,
        number=advice.number,
        article_id=article,
        verdict=verdict,
        note=note,
    )
    if before is not None and before.verdict == verdict:
        return [event]
    last = None if before is None else before.verdict
    return [
        event,
        moment.command(JudgeArticle, article_id=article, verdict=verdict, before=last, case_id=moment.aggregate_id),
    ]
