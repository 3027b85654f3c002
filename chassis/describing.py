"""The description of every service (OpenAPI): who may ask, how errors look, and the page that shows it."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, SwaggerRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Schema,
    SecurityScheme,
)

_SWAGGER = find_spec("swagger_ui")  # its place only: importing it would bring a template engine along
ASSETS: Final = Path((_SWAGGER.submodule_search_locations or [""])[0] if _SWAGGER else "") / "static"
# The product runs in isolated networks: the page's scripts come from here, never from a CDN.
_DOCS = SwaggerRenderPlugin(
    path="/",
    js_url="/assets/swagger-ui-bundle.js",
    css_url="/assets/swagger-ui.css",
    standalone_preset_js_url="/assets/swagger-ui-standalone-preset.js",
    favicon="<link rel='icon' href='/assets/favicon-32x32.png'>",
)
_SIGNED = Components(
    security_schemes={
        "token": SecurityScheme(
            type="http", scheme="bearer", bearer_format="JWT",
            description="统一登录签发的短期令牌: 在服务台首页登录, 或用 yibao token 换取。",
        )
    }
)  # fmt: skip
_TEXT: Final = {"type": "string"}
_PROBLEM: Final = {
    "description": "没有办成: code 供程序判断, message 说明原因与下一步, fields 逐项列出不合要求的内容",
    "content": {"application/json": {"schema": {
        "type": "object", "required": ["code", "message"],
        "properties": {"code": _TEXT, "message": _TEXT, "fields": {"type": "array", "items": {"type": "object"}}},
    }}},
}  # fmt: skip


@dataclass
class _Document(OpenAPI):
    """The framework describes an error of its own making, which `chassis.problems` never lets out."""

    def to_schema(self) -> dict[str, Any]:
        document: dict[str, Any] = super().to_schema()
        document["components"]["responses"] = {"Problem": _PROBLEM}
        for operation in (one for path in document["paths"].values() for one in path.values()):
            told = operation["responses"]
            told.pop("400", None)
            for status in ("4XX", "5XX"):
                told.setdefault(status, {"$ref": "#/components/responses/Problem"})
        return document


class _Config(OpenAPIConfig):
    def to_openapi_schema(self) -> OpenAPI:
        bare = super().to_openapi_schema()
        return _Document(info=bare.info, servers=bare.servers, components=bare.components, security=bare.security)


def answering(*media: str, also: tuple[str, ...] = ()) -> type[Operation]:
    """For `operation_class` of a route whose answer is not JSON alone; `also` are statuses that it answers alike."""
    content = {one: OpenAPIMediaType(schema=Schema()) for one in media}

    @dataclass
    class Answering(Operation):
        def __post_init__(self) -> None:
            assert self.responses is not None
            for status in also:
                self.responses[status] = OpenAPIResponse(description="说明原因的页面")
            for told in self.responses.values():
                if isinstance(told, OpenAPIResponse):
                    told.content = content

    return Answering


def described(title: str, page: bool = True) -> OpenAPIConfig:
    """Of a service with this title, at /docs; without `page`, whose scripts stand in it, as JSON alone."""
    return _Config(
        title=title, version="0.1.0", path="/docs", render_plugins=[_DOCS if page else JsonRenderPlugin()],
        components=_SIGNED, security=[{"token": []}],
    )  # fmt: skip
