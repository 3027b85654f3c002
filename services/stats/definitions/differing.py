"""What differs between two versions of a definition: the fields in Chinese, and the lines of the SQL. Pure."""

from difflib import unified_diff
from typing import Any

import msgspec

from services.stats.definitions.definition import Definition

FIELDS = {
    "title": "名称", "family": "类别", "purpose": "用途", "owner": "归口科室", "unit": "单位", "basis": "统计基础",
    "sources": "数据来源", "grain": "粒度", "tables": "数据表", "filters": "筛选条件", "outputs": "指标与维度",
    "constraints": "约束", "notes": "说明", "period": "统计期", "parameters": "参数", "checks": "检查",
    "charts": "图表", "example": "样例",
}  # fmt: skip


def differences(before: Definition, after: Definition) -> dict[str, Any]:
    """`fields`: those that changed, with what was added and removed line by line; `sql`: a unified diff."""
    changed = []
    for field, name in FIELDS.items():
        old, new = _lines(getattr(before, field)), _lines(getattr(after, field))
        if old != new:
            removed, added = [x for x in old if x not in new], [x for x in new if x not in old]
            changed.append({"field": field, "name": name, "removed": removed, "added": added})
    sql = list(unified_diff(before.sql.splitlines(), after.sql.splitlines(), "before", "after", lineterm="", n=3))
    return {"fields": changed, "sql": sql}


def _lines(value: Any) -> list[str]:
    if isinstance(value, tuple):
        return [item if isinstance(item, str) else msgspec.json.encode(item).decode() for item in value]
    return [str(value)]
