"""Knowledge, put together."""

from litestar import Litestar, Router

from chassis.http import application
from chassis.service import Service
from chassis.settings import Settings
from services.knowledge.archive.api import archive
from services.knowledge.archive.start import start_archive
from services.knowledge.articles.start import ROUTES as ARTICLES
from services.knowledge.articles.start import start_articles
from services.knowledge.documents.api import DocumentController
from services.knowledge.documents.start import start_documents
from services.knowledge.search.index import ArticleIndex
from services.knowledge.search.start import ROUTES as SEARCH
from services.knowledge.search.start import start_search
from services.knowledge.semantic.start import SemanticController, start_semantic
from services.knowledge.settings import KnowledgeSettings
from services.knowledge.suggestions.start import ROUTES as SUGGESTIONS
from services.knowledge.suggestions.start import start_suggestions
from services.knowledge.vocabulary.api import SynonymController
from services.knowledge.vocabulary.start import shipped_synonyms, start_vocabulary
from services.knowledge.vocabulary.terms import domain_terms


def app(settings: Settings) -> Litestar:
    synonyms = shipped_synonyms()
    index = ArticleIndex(settings.data_dir / "knowledge", synonyms, domain_terms)

    async def start(service: Service) -> None:
        own = KnowledgeSettings()
        feed = await start_search(service, index)
        start_articles(service, index)
        await start_vocabulary(service, synonyms)
        await start_documents(service, own)
        start_archive(service)
        start_suggestions(service, index, feed.check)
        await start_semantic(service, index, own)

    articles = Router("/", route_handlers=ARTICLES)  # two controllers of one path
    routes = [articles, archive, DocumentController, SemanticController, SynonymController, *SEARCH, *SUGGESTIONS]
    return application("knowledge", "医保服务台 · 知识", settings, start, routes)
