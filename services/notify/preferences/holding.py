"""Shipped settings and saved ones side by side: a saved one takes the place of the shipped one of its name."""

from collections.abc import Iterable, Mapping

from litestar.datastructures import State

from chassis.errors import NotFound, Refused
from contracts.setting import SettingKind
from services.notify.preferences.model import Body
from services.notify.preferences.shared import Json, facts_of, settings_of


def refuse(problems: Iterable[str]) -> None:
    """Raises Refused with all that is wrong."""
    if said := "; ".join(problems):
        raise Refused("not_usable", f"不能保存: {said}")


async def both(state: State, kind: SettingKind, packaged: Mapping[str, Body]) -> list[Json]:
    """Shipped and saved ones, by name."""
    saved = {d.state.key: facts_of(d) for d in await settings_of(state).all(kind) if d.state is not None}
    return [_entry(name, packaged.get(name), saved.get(name)) for name in sorted({*packaged, *saved})]


async def one(state: State, kind: SettingKind, packaged: Mapping[str, Body], name: str) -> Json:
    """Raises NotFound."""
    saved = await settings_of(state).one(kind, name)
    if saved is None and name not in packaged:
        raise NotFound("not_found", f"没有{'规则' if kind == 'rule' else '模板'} {name}: 请核对名称")
    return _entry(name, packaged.get(name), facts_of(saved) if saved else None)


def _entry(name: str, packaged: Body | None, saved: Json | None) -> Json:
    return {
        "name": name,
        "holds": "saved" if saved else "packaged",
        "version": saved["version"] if saved else 0,
        "saved": saved,
        "packaged": packaged.model_dump(mode="json") if packaged else None,
    }


async def names(state: State, kind: SettingKind) -> set[str]:
    """Of those that were saved."""
    return {d.state.key for d in await settings_of(state).all(kind) if d.state is not None}
