"""Entries of the directory as forms, and forms as entries. Pure."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final, NamedTuple, get_args

from contracts.case import Category
from contracts.sla import CLOCK_NAMES
from services.console.web.forms import words_of

Json = dict[str, Any]
_BLANK_ROWS: Final = 2


class Field(NamedTuple):
    """`kind`: text, list, number, date, flag or choice (of `options`)."""

    name: str
    label: str
    kind: str = "text"
    required: bool = False
    hint: str = ""
    options: Sequence[tuple[str, str]] = ()


TITLES: Final = {"institution": "机构", "contact": "联系人", "contract": "服务合同", "staff": "工程师"}
_SEVERAL: Final = "几个之间用顿号或空格隔开"
_PLACES: Final = (("remote", "远程"), ("resident", "驻场"))
FIELDS: Final[dict[str, tuple[Field, ...]]] = {
    "institution": (
        Field("name", "名称", required=True), Field("aliases", "别名与简称", "list", hint=_SEVERAL),
        Field("level", "等级"), Field("admdvs", "医保区划"), Field("his_vendor", "HIS 厂商"),
    ),
    "contact": (Field("name", "姓名", required=True), Field("institution_code", "机构编码"), Field("role", "职务")),
    "contract": (
        Field("name", "名称", required=True), Field("institution_codes", "覆盖机构 (编码)", "list", hint=_SEVERAL),
        Field("begins", "开始日期", "date", required=True), Field("ends", "结束日期", "date", required=True),
        Field("policy", "时限策略", hint="不填为默认策略"), Field("trainings", "约定培训次数", "number"),
    ),
    "staff": (
        Field("name", "姓名", required=True), Field("place", "驻场或远程", "choice", options=_PLACES),
        Field("lead", "组长", "flag"), Field("posted_at", "驻点机构 (编码)", "list", hint=_SEVERAL),
        Field("skills", "受理类别", "list", hint=f"不填为全部; 可填: {'、'.join(get_args(Category))}"),
        Field("most", "同时最多工单", "number"),
    ),
}  # fmt: skip
HAVE_ACCOUNTS: Final = ("contact", "staff")
CLAUSE: Final = ("number", "title", "clock", "obligation", "share")
CLOCKS: Final = tuple(CLOCK_NAMES.items())


def shown(kind: str, entry: Json | None) -> list[tuple[Field, str]]:
    """The fields with what stands in them; of a new entry nothing does."""
    return [(field, written((entry or {}).get(field.name))) for field in FIELDS[kind]]


def clauses(entry: Json | None) -> list[Json]:
    """The clauses as rows of the form, and empty ones for more."""
    blank = dict.fromkeys(CLAUSE, "")
    kept = [{**blank, **one, "share": f"{one['share'] * 100:g}"} for one in (entry or {}).get("clauses", ())]
    return [*kept, *([blank] * _BLANK_ROWS)]


def asked(kind: str, form: Mapping[str, str], before: Json | None) -> Json:
    """The entry that a form asks for; raises ValueError for what is no number."""
    body: Json = {field.name: value for field in FIELDS[kind] if (value := _read(field, form)) is not None}
    if kind == "contract":
        body["clauses"] = list(_clauses(form, (before or {}).get("clauses", ())))
    if kind in HAVE_ACCOUNTS:
        kept = [one["key"] for one in (before or {}).get("identities", ()) if f"drop-{one['key']}" not in form]
        account = form.get("account", "").strip()
        body |= {"identities": kept, "accounts": [_account(form, account)] if account else []}
    return body


def written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "、".join(value) if isinstance(value, list | tuple) else "" if value is None else str(value)


def _read(field: Field, form: Mapping[str, str]) -> Any:
    """None leaves it as the directory has it by default."""
    text = form.get(field.name, "").strip()
    match field.kind:
        case "list":
            return words_of(text)
        case "flag":
            return bool(text)
        case "number":
            return int(text) if text else None
    return text or None


def _clauses(form: Mapping[str, str], before: Sequence[Json]) -> Any:
    """Rows without a number are none; what the form does not show stays as it was."""
    was = {one["number"]: one for one in before}
    rows = {name.partition("-")[0] for name in form if name.endswith("-number") and form[name].strip()}
    for row in sorted(rows, key=lambda name: int(name.removeprefix("c"))):
        said = {name: form.get(f"{row}-{name}", "").strip() for name in CLAUSE}
        share = float(said["share"].rstrip("%") or 100) / 100
        if not isfinite(share):
            raise ValueError(said["share"])
        told = {"clock": said["clock"] or None, "obligation": "" if said["clock"] else said["obligation"]}
        kept = was.get(said["number"], {}) if said["clock"] else {}
        yield {**kept, **said, **told, "share": round(share, 6)}


def _account(form: Mapping[str, str], account: str) -> Json:
    return {"channel": form.get("channel", "phone"), "account": account}
