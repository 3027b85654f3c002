"""Reads the rules of assignment; a wrong file stops the start with a sentence that says where it is wrong."""

from pathlib import Path

import msgspec
import yaml

from services.intake.duty.choose import Rule

SHIPPED = Path(__file__).with_name("rules.yaml")


class BadRules(Exception):
    """The file is not a list of rules; the message says where."""


def load_rules(path: Path = SHIPPED) -> tuple[Rule, ...]:
    """Raises BadRules."""
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), tuple[Rule, ...])
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise BadRules(f"分派规则 {path} 读取失败: {error}") from None
