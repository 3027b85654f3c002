"""HTTP of the categories: what there are, which classifier is in use, and its training."""

from typing import Any, get_args

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State

from chassis.access import OPERATORS, READERS, SETTERS, actor_of, principal_of
from contracts.case import Category
from services.intake.api.sight import sight
from services.intake.category.kinds import BY_CATEGORY
from services.intake.category.models import Models, told
from services.intake.category.taxonomy import COVERS

Json = dict[str, Any]


class CategoryController(Controller):
    """Categories (类别) and the classifier that proposes them where no rule decides."""

    path = "/categories"
    tags = ("categories",)

    @get(roles=READERS | SETTERS, summary="全部类别")
    async def list_categories(self, state: State, request: Request[Any, Any, Any]) -> Json:
        """Every category with what it covers and how many cases it has, and the classifier in use."""
        cases: dict[str, int] = {}
        seen = sight(principal_of(request))
        for (_, category), n in (await state.service.state["cases"].by_status_and_category(seen)).items():
            cases[category] = cases.get(category, 0) + n
        models = _models(state)
        return {
            "categories": [
                {"category": c, "covers": COVERS[c], "kind": BY_CATEGORY.get(c), "cases": cases.get(c, 0)}
                for c in get_args(Category)
            ],
            "threshold": models.categoriser.threshold,
            "model": told(models.about) if models.about else None,
            "corrections": await models.versions.corrections(),
        }

    @get("/models", roles=READERS | OPERATORS, summary="分类模型的版本")
    async def list_models(self, state: State) -> Json:
        """The versions, newest first, and what became of the last training here."""
        models = _models(state)
        known = [told(about) for about in await models.versions.list()]
        about, in_use = models.about, models.about.get("version")  # as it is now, not before the list was read
        if about and all(k["version"] != in_use for k in known):
            known.append(told(about))
        return {"training": models.last, "models": [{**k, "in_use": k["version"] == in_use} for k in known]}

    @post("/train", roles=SETTERS, status_code=202, summary="训练分类模型")
    async def train(self, state: State, request: Request[Any, Any, Any]) -> Response[Json]:
        """Train now, in a process of its own; the new version is taken up as soon as it is there."""
        models = _models(state)
        models.train(actor_of(request).id)
        url = "/categories/models"
        return Response({"status": "accepted", "url": url}, status_code=202, headers={"Location": url})


def _models(state: State) -> Models:
    models: Models = state.service.state["models"]
    return models
