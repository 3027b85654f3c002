"""Jinja2 for templates that people write: facts and words, nothing else, and an end to everything.

Only what is on a list passes: no calls, no assignments, no macros, no imports, no power, loops only over what the event
holds and not in one another. So a template cannot reach Python, and its work is bounded by its own length. What could
make a value longer (`~`, `*`, a list as a text, `joined`) stops before the value is there.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeVar

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS

from contracts.envelope import Contract
from services.notify.rules.bounds import IN_PLACE, LONGEST, Bounded, said
from services.notify.rules.words import FILTERS

MOST: Final = LONGEST
TROUBLE: Final = (
    TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, MemoryError, RecursionError,
)  # fmt: skip
"""What a template may raise while it is rendered."""
_WORK_IN_LOOP, _BITS = 20, 256
"""How many filters may stand in a loop, and how large a product may be."""
_TOO_DEEP, _DEEPEST = "嵌套太深: 请拆开或简化", 60
_LOOP: Final = frozenset({"index", "index0", "first", "last", "length"})
_NODES: Final[tuple[type[nodes.Node], ...]] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem,
    nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Pos,
    nodes.CondExpr, nodes.If, nodes.For, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod,
    nodes.Concat, nodes.Tuple, nodes.List, nodes.Dict, nodes.Pair, nodes.Keyword,
)  # fmt: skip
_TESTS: Final = ("defined", "undefined", "none", "number", "string", "in", "eq", "ne", "lt", "le", "gt", "ge")
_WHAT: Final[dict[type[nodes.Node], str]] = {
    nodes.Call: "函数调用", nodes.Assign: "赋值 (set)", nodes.AssignBlock: "赋值 (set)", nodes.Macro: "宏 (macro)",
    nodes.Include: "引用 (include)", nodes.Import: "引用 (import)", nodes.FromImport: "引用 (import)",
    nodes.Extends: "继承 (extends)", nodes.Block: "块 (block)", nodes.Pow: "乘方 (**)", nodes.Slice: "切片",
}  # fmt: skip


class Environment(ImmutableSandboxedEnvironment):
    """Facts are attributes of contracts and entries of mappings; of everything else nothing is seen."""

    intercepted_binops = frozenset({"*", "%", "+"})

    def __init__(self, *, html: bool = False, finalize: Callable[[Any], Any] | None = None) -> None:
        say = said if finalize is None else lambda value: finalize(said(value))
        super().__init__(undefined=StrictUndefined, autoescape=html, finalize=say, cache_size=0, extensions=())
        self.globals.clear()
        self.filters = {"default": JINJA_FILTERS["default"], **FILTERS, **IN_PLACE}
        self.tests = {name: TESTS[name] for name in _TESTS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Contract):
            facts = obj.__dict__
            if attribute in facts:
                return facts[attribute]
        elif isinstance(obj, Mapping):
            if attribute in obj:
                return obj[attribute]
        elif isinstance(obj, LoopContext) and attribute in _LOOP:
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        if isinstance(obj, str | tuple | list) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=argument)

    def _generate(self, source: nodes.Template, *args: Any, **facts: Any) -> str:
        """The one way that texts and expressions take to Python."""
        Bounded().visit(source)
        return super()._generate(source.set_environment(self), *args, **facts)  # type: ignore[arg-type]

    def call(self, *_: Any, **__: Any) -> Any:
        raise SecurityError("templates call nothing")

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Numbers only: a text times a number, or a format with a width, would be as long as anybody likes."""
        if not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise SecurityError(f"{operator} is for numbers")
        if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > _BITS:
            raise SecurityError("too large a number")
        return super().call_binop(context, operator, left, right)


PLAIN: Final = Environment()
Made = Callable[[Mapping[str, Any]], str]


def text(source: str, env: Environment = PLAIN) -> Made:
    """A function from facts to the text. Raises TemplateSyntaxError; the function raises what `TROUBLE` lists."""
    if not any(mark in source for mark in ("{{", "{%", "{#")):
        return lambda _: source
    tree(source, env)
    template = _compiled(lambda: env.from_string(source))
    root, begin = template.root_render_func, template.new_context

    def made(facts: Mapping[str, Any]) -> str:
        parts, size = [], 0
        for part in root(begin(facts, shared=True)):  # type: ignore[arg-type]
            parts.append(part)
            size += len(part)
            if size > MOST:
                break
        return str("".join(parts)[:MOST])

    return made


def value(source: str, env: Environment = PLAIN) -> Callable[[Mapping[str, Any]], Any]:
    """A function from facts to what the expression comes to. Raises as `text`."""
    tree("{{ (" + source + "\n) }}", env)
    return _compiled(lambda: env.compile_expression(source, undefined_to_none=False))


T = TypeVar("T")


def _compiled(compiling: Callable[[], T]) -> T:
    """What Python cannot compile is too deep: Jinja2 makes one function of the whole."""
    try:
        return compiling()
    except (RecursionError, SyntaxError, MemoryError):
        raise TemplateSyntaxError(_TOO_DEEP, 1) from None


def tree(source: str, env: Environment = PLAIN) -> nodes.Template:
    """Its syntax. Raises TemplateSyntaxError, also for what is not allowed, with Chinese words."""
    try:
        parsed = env.parse(source)
    except RecursionError:
        raise TemplateSyntaxError(_TOO_DEEP, 1) from None
    waiting: list[tuple[nodes.Node, int, bool]] = [(parsed, 0, False)]  # no recursion: it may be deep
    work = 0
    while waiting:
        node, depth, looping = waiting.pop()
        _allowed(node, depth, looping)
        work += looping and isinstance(node, nodes.Filter)
        if work > _WORK_IN_LOOP:
            raise TemplateSyntaxError(f"循环中的过滤器太多, 至多 {_WORK_IN_LOOP} 个: 请简化", node.lineno or 1)
        looping = looping or isinstance(node, nodes.For)
        waiting += [(child, depth + 1, looping) for child in node.iter_child_nodes()]
    return parsed


def _allowed(node: nodes.Node, depth: int, looping: bool) -> None:
    """Raises TemplateSyntaxError."""
    if depth > _DEEPEST:
        raise TemplateSyntaxError(_TOO_DEEP, node.lineno or 1)
    if not isinstance(node, _NODES):
        raise TemplateSyntaxError(f"不允许{_WHAT.get(type(node), type(node).__name__)}", node.lineno or 1)
    if isinstance(node, nodes.For) and (looping or node.recursive):
        raise TemplateSyntaxError("循环不可嵌套", node.lineno)


def names(parsed: nodes.Template, known: Collection[str]) -> list[str]:
    """The facts that it names and that are not known, loop variables apart."""
    bound = {"loop"} | {
        name.name
        for loop in parsed.find_all(nodes.For)
        for name in (loop.target.find_all(nodes.Name) if not isinstance(loop.target, nodes.Name) else (loop.target,))
    }
    used = {name.name for name in parsed.find_all(nodes.Name) if name.ctx == "load"}
    return sorted(used - bound - set(known))
