"""What is wrong with a rule or a template, in Chinese and all at once: before it is saved, when it is loaded."""

from collections.abc import Collection, Iterator
from typing import Any, Final

from jinja2 import TemplateSyntaxError, nodes

from contracts.envelope import Contract
from contracts.notify import URGENCIES
from contracts.registry import EVENTS
from contracts.setting import AlertRule, MessageTemplate
from services.notify.rules import audiences, sandbox, sense

MESSAGE_FACTS: Final = (
    "title", "body", "number", "urgency", "urgency_name", "count", "rule", "link", "cut", "repeat", "titled",
    "provider",
)  # fmt: skip
"""What a message template may name: the Handover's facts and what the letter adds to them."""


def problems_of(rule: AlertRule, groups: Collection[str] = (), templates: Collection[str] | None = None) -> list[str]:
    """Sentences for whoever wrote the rule, none where it is right.

    `groups` are names of groups that a rule may tell; `templates` those that it may name, None where nobody knows.
    """
    return list(_of_rule(rule, groups, templates))


def problems_of_template(template: MessageTemplate) -> list[str]:
    """The same for a message template."""
    parts = (("title", template.title), ("body", template.body))
    return [problem for part, source in parts for problem in _of_source(part, source, MESSAGE_FACTS, None)]


def _of_rule(rule: AlertRule, groups: Collection[str], templates: Collection[str] | None) -> Iterator[str]:
    if wrong := list(sense.of_event(rule)):
        yield from wrong
        return
    model = EVENTS.get(rule.on)
    told = (*rule.to, *(to for step in rule.steps for to in step.to))
    for word in dict.fromkeys(audiences.unknown(told, groups)):
        yield f"to: 没有叫 {word} 的受众, 可用 {', '.join(audiences.WORDS)}, staff:<工号> 或已登记的群组"
    for part, source in (("title", rule.title), ("body", rule.body)):
        yield from _of_source(part, source, ("event",) if model else (), model)
    if rule.when.strip():
        yield from _of_expression("when", rule.when, model)
    if rule.urgency not in URGENCIES:
        yield from _of_expression("urgency", rule.urgency, model)
    yield from sense.of_group(rule)
    yield from sense.of_steps(rule)
    if templates is not None and rule.template and rule.template not in templates:
        yield f"template: 没有叫 {rule.template} 的消息模板, 请先保存模板"


def _of_expression(part: str, source: str, model: type[Contract] | None) -> Iterator[str]:
    try:
        sandbox.value(source)
    except TemplateSyntaxError as error:
        yield f"{part}: 表达式有误 ({error.message})"
        return
    yield from _of_source(part, "{{ (" + source + "\n) }}", ("event",) if model else (), model)


def _of_source(part: str, source: str, known: Collection[str], model: type[Contract] | None) -> Iterator[str]:
    try:
        sandbox.text(source)
        parsed = sandbox.tree(source)
    except TemplateSyntaxError as error:
        yield f"{part}: 第 {error.lineno} 行有误 ({error.message})"
        return
    for name in sandbox.names(parsed, known):
        yield f"{part}: 没有 {name} 这个变量, 可用 {', '.join(known) or '纯文字 (此规则没有事件)'}"
    for node in parsed.find_all(nodes.Getattr):
        yield from _of_field(part, node, model)
    lists = [("joined", f.node) for f in parsed.find_all(nodes.Filter) if f.name == "joined"]
    for what, node_ in (*lists, *(("for", loop.iter) for loop in parsed.find_all(nodes.For))):
        if _is_text(node_, model):
            yield f"{part}: {what} 只能用于列表, 不能用于文字: 请改用列表字段, 例如 event.institutions"


def _of_field(part: str, node: nodes.Getattr, model: type[Contract] | None) -> Iterator[str]:
    """`event.x`, and `event.x.y` where x is a contract itself."""
    owner = _type_of(node.node, model)
    if owner is not None and node.attr not in owner.model_fields:
        yield f"{part}: 事件没有字段 {_path(node)}, 可用 {', '.join(owner.model_fields)}"


def _type_of(node: nodes.Node, model: type[Contract] | None) -> type[Contract] | None:
    if isinstance(node, nodes.Name):
        return model if node.name == "event" else None
    if not isinstance(node, nodes.Getattr) or (owner := _type_of(node.node, model)) is None:
        return None
    found: Any = owner.model_fields[node.attr].annotation if node.attr in owner.model_fields else None
    return found if isinstance(found, type) and issubclass(found, Contract) else None


def _is_text(node: nodes.Node | None, model: type[Contract] | None) -> bool:
    """Whether it is certainly a text, which would be taken apart."""
    if isinstance(node, nodes.Filter):
        return node.name not in ("default", "first", "length", "int", "abs")
    if isinstance(node, nodes.Getattr) and (owner := _type_of(node.node, model)) is not None:
        return node.attr in owner.model_fields and owner.model_fields[node.attr].annotation is str
    return isinstance(node, nodes.Concat) or (isinstance(node, nodes.Const) and isinstance(node.value, str))


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "…"
