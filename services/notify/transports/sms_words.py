"""The templates and expressions by which a gateway of text messages is described in the file of providers.

Jinja2 in its sandbox: what stands in the file is an operator's, what is put in is anybody's. Nothing is escaped by
itself: `tojson`, `urlencode` and the filters below say how a value is written in its place.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from chassis.configfile import Unusable

Rendered = Callable[[Mapping[str, Any]], str]
Judged = Callable[[Mapping[str, Any]], Any]


class Unfit(Exception):
    """A template that does not go with this message or answer."""


def _filters() -> dict[str, Callable[..., str]]:
    return {
        "md5": lambda text: hashlib.md5(str(text).encode()).hexdigest(),
        "sha256": lambda text: hashlib.sha256(str(text).encode()).hexdigest(),
        "hmac_sha256": lambda text, key: hmac.new(str(key).encode(), str(text).encode(), hashlib.sha256).hexdigest(),
        "hmac_sha1_b64": lambda text, key: base64.b64encode(
            hmac.new(str(key).encode(), str(text).encode(), hashlib.sha1).digest()
        ).decode(),
        "b64": lambda text: base64.b64encode(str(text).encode()).decode(),
    }


def _environment(*, strict: bool) -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(autoescape=False, **({"undefined": StrictUndefined} if strict else {}))
    made.filters.update(_filters())
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True}
    return made


_STRICT, _LENIENT = _environment(strict=True), _environment(strict=False)


def template(source: str, where: str) -> Rendered:
    """Raises CannotStart where it is no template; what it returns raises Unfit."""
    try:
        made = _STRICT.from_string(source)
    except TemplateError as error:
        raise Unusable(f"发送服务配置的 {where} 不是有效的模板: {type(error).__name__}, 请核对括号与过滤器") from None

    def rendered(values: Mapping[str, Any]) -> str:
        try:
            return made.render(values)
        except Exception as error:
            raise Unfit(f"{where} ({type(error).__name__})") from None

    return rendered


def expression(source: str, where: str) -> Judged:
    """Raises CannotStart where it is none; what it returns is None where something that it names is not there."""
    try:
        made = _LENIENT.compile_expression(source)
    except TemplateError as error:
        raise Unusable(f"发送服务配置的 {where} 不是有效的表达式: {type(error).__name__}, 请核对") from None

    def judged(values: Mapping[str, Any]) -> Any:
        try:
            return made(values)
        except Exception:
            return None

    return judged
