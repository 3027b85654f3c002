"""What an alert about an article is about: the article, never the case that it was born from."""

from contracts.case import CaseClosed
from contracts.knowledge import ArticlePublished, ArticleQuestioned, ArticleSubmitted
from services.notify.alerts.raising import subject_of
from services.notify.settling import ENDS
from tests.unit.notify.alert_examples import ARTICLE, event
from tests.unit.notify.alerting import CASE


def test_an_alert_about_an_article_is_not_over_when_its_case_is_closed() -> None:
    closed = event(CaseClosed, case_id=CASE, number="YB-1", reason="staff")
    submitted, questioned = event(ArticleSubmitted, **ARTICLE), event(ArticleQuestioned, **ARTICLE, doubt="date")
    assert subject_of(closed) == CASE
    assert subject_of(submitted) == subject_of(questioned) == ARTICLE["article_id"] != CASE


def test_what_was_submitted_or_in_doubt_is_over_once_it_is_published() -> None:
    published = event(ArticlePublished, **ARTICLE)
    assert subject_of(published) == subject_of(event(ArticleSubmitted, **ARTICLE))
    assert ENDS[published.type](published) == "知识 ZS-7K3QM-9XW2P 已发布"
