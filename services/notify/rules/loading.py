"""Rules from a file of rules, checked as a whole: a mistake in it stops the service with a sentence that says where."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import msgspec
from pydantic import ValidationError

from chassis.errors import CannotStart
from contracts.setting import AlertRule
from services.notify.rules.faults import complain
from services.notify.rules.problems import problems_of
from services.notify.rules.rulebook import Rulebook

PACKAGED: Final = Path(__file__).with_name("rules.yaml")


def rulebook(path: Path = PACKAGED, groups: Collection[str] = ()) -> Rulebook:
    """The rules of the file, compiled. Raises CannotStart, naming rule and key."""
    return Rulebook(rules(path, groups), complain)


def rules(path: Path = PACKAGED, groups: Collection[str] = ()) -> list[AlertRule]:
    """Raises CannotStart."""
    found = [_checked(AlertRule, path, name, facts) for name, facts in _entries(path).items()]
    wrong = [f"{rule.name}: {problem}" for rule in found for problem in problems_of(rule, groups)]
    if wrong:
        raise CannotStart(f"{path}: " + "; ".join(wrong))
    return found


def _entries(path: Path) -> dict[str, Any]:
    try:
        read = msgspec.yaml.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise CannotStart(f"{path}: {error}") from None
    if not isinstance(read, dict) or not all(isinstance(facts, dict) for facts in read.values()):
        raise CannotStart(f"{path}: 应为 名称: {{...}} 的形式")
    return {name: {_key(key): fact for key, fact in facts.items()} for name, facts in read.items()}


def _key(key: object) -> str:
    """YAML reads the word `on` as true."""
    return "on" if key is True else str(key)


def _checked(model: Any, path: Path, name: str, facts: dict[str, Any]) -> Any:
    """Unknown keys are mistakes here, though contracts let them pass."""
    if unknown := sorted(set(facts) - set(model.model_fields)):
        raise CannotStart(f"{path}: {name}: 不认识的键 {', '.join(unknown)}")
    try:
        return model.model_validate({"name": name, **facts})
    except ValidationError as error:
        where = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise CannotStart(f"{path}: {name}: {where}") from None
