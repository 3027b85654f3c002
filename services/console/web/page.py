"""A page: a template with what every page has, and where a form leads to."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Redirect, Template
from litestar.utils import url_quote

from services.console.web.menu import menu_of

AnyRequest = Request[Any, Any, Any]
NOTICE: Final = "yibao_notice"


def page(request: AnyRequest, template: str, title: str, status: int = 200, **shown: Any) -> Template:
    """`title` without the product's name; `shown` are the template's names."""
    visitor = request.scope["state"].get("visitor")
    common: Mapping[str, Any] = {
        "title": title,
        "visitor": visitor,
        "who": visitor.principal if visitor else None,
        "menu": menu_of(visitor.principal.role) if visitor else (),
        "path": request.url.path,
    }
    return Template(template, context={**common, **shown}, status_code=status)


def see_other(request: AnyRequest, path: str, notice: str = "") -> Response[Any]:
    """After a form: on to `path`, where `notice` is told once."""
    answer: Response[Any]
    if request.headers.get("HX-Request"):
        answer = Response(None, status_code=204, headers={"HX-Redirect": url_quote(path)})
    else:
        answer = Redirect(path, status_code=303)
    if notice:
        answer.set_cookie(NOTICE, quote(notice[:300]), max_age=30, samesite="lax")
    return answer
