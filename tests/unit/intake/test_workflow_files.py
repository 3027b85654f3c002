"""The workflows that are shipped, and what is said about a file that is wrong."""

from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from contracts.case import Kind
from services.intake.workflows.diagram import PAGE, mermaid, page
from services.intake.workflows.engine import WORKFLOWS, start
from services.intake.workflows.loading import WorkflowError, load, read

FILES = Path(load.__code__.co_filename).parent
Raw = dict[str, Any]


def raw(kind: str = "consultation") -> Raw:
    flow: Raw = msgspec.yaml.decode((FILES / f"{kind}.yaml").read_bytes())
    return flow


def refused(directory: Path, flow: Raw, kind: str = "consultation") -> str:
    path = directory / f"{kind}.yaml"
    path.write_bytes(msgspec.yaml.encode(flow))
    with pytest.raises(WorkflowError) as error:
        read(path)
    assert path.name in str(error.value)
    return str(error.value)


def step(flow: Raw, id_: str) -> Raw:
    return next(s for s in flow["steps"] if s["id"] == id_)


def transition(flow: Raw, name: str) -> Raw:
    return next(t for t in flow["transitions"] if t["name"] == name)


def test_every_kind_of_case_has_a_workflow_and_begins_as_a_new_case_of_the_desk() -> None:
    assert list(WORKFLOWS) == list(get_args(Kind))
    assert {start(kind)[1] for kind in WORKFLOWS} == {"desk"}
    assert start("consultation") == ("open", "desk"), "a case that was opened before there were workflows is there"


def test_the_page_of_diagrams_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m services.intake.workflows.diagram"


@pytest.mark.parametrize("kind", WORKFLOWS)
def test_a_diagram_shows_every_step_and_every_transition_by_its_chinese_name(kind: Kind) -> None:
    flow, drawn = WORKFLOWS[kind], mermaid(WORKFLOWS[kind], WORKFLOWS[kind].start.id)
    assert all(f'state "{s.name}" as {s.id}' in drawn for s in flow.steps)
    assert all(f"{source} --> {t.target(source)}: {t.label}" in drawn for t in flow.transitions for source in t.sources)
    assert f"class {flow.start.id} is_now" in drawn


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: transition(f, "begin").update(to="nowhere"), "操作 begin 指向未定义的步骤 'nowhere'"),
        (lambda f: f["when"].update(closed="gone"), "when 指向未定义的步骤 'gone'"),
        (lambda f: step(f, "with_vendor").update(then="gone"), "步骤 with_vendor 的 then 指向未定义的步骤"),
        (lambda f: f["steps"].append({"id": "island", "name": "孤岛", "status": "in_progress", "owes": "desk"}),
         "步骤 island 无法到达; 步骤 island 是死路"),
        (lambda f: [t.update({"from": ["open"]}) for t in f["transitions"] if "answered" in t["from"]],
         "步骤 answered 是死路"),
        (lambda f: f["steps"].append(f["steps"][1]), "步骤 answering 重复"),
        (lambda f: f["transitions"].append(f["transitions"][0]), "操作 begin 重复"),
        (lambda f: step(f, "answering").update(id="Bad Name"), "只能用小写字母"),
        (lambda f: step(f, "answering").update(owes="province"), "status 为 in_progress 时 owes 不能是 province"),
        (lambda f: step(f, "answering").update(status="new"), "第一步的 status 必须是 new"),
        (lambda f: step(f, "with_vendor").pop("then"), "必须写 then"),
        (lambda f: step(f, "answering").update(then="answering"), "其他时候不能写"),
        (lambda f: step(f, "with_vendor").update(then="open"), "步骤 open 应为 in_progress"),
        (lambda f: step(f, "answering").update(chase_after_h=4), "chase_after_h"),
        (lambda f: f["when"].update(resolved="answering"), "when.resolved: 步骤 answering 应为 resolved"),
        (lambda f: f["when"]["escalated"].update(vendor="with_province"), "when.escalated.vendor"),
        (lambda f: transition(f, "answer").update(requires=[]), "必须要求填写 resolution"),
        (lambda f: transition(f, "not_satisfied").update(to="open"), "不能回到第一步"),
        (lambda f: transition(f, "confirm").update({"from": ["closed"]}), "已关闭的步骤 closed 不能离开"),
        (lambda f: transition(f, "not_satisfied").update(to="awaiting_requester"), "已解决的工单要先恢复处理"),
        (lambda f: transition(f, "begin").update({"from": []}), "操作 begin: from 为空"),
        (lambda f: transition(f, "begin").pop("to"), "没有 to 的操作只登记事项, 必须有字段"),
        (lambda f: transition(f, "begin").update(guards=["lucky"]), "条件 lucky 不存在"),
        (lambda f: transition(f, "begin").update(says="hello"), "says hello 不存在"),
        (lambda f: transition(f, "begin").update(says="stats_run"), "需要字段 report, upload_id"),
        (lambda f: transition(f, "ask")["requires"].append({"field": "needed", "label": "又一次"}), "needed 重复"),
        (lambda f: transition(f, "ask")["requires"][0].update(pattern="["), "不是正则表达式"),
        (lambda f: transition(f, "ask")["requires"][0].update(label=" "), "缺少 label"),
        (lambda f: transition(f, "ask")["requires"][0].update(type="date", pattern="x"), "只用于文字"),
        (lambda f: f.update(kind="fault"), "应与文件名相同"),
        (lambda f: f.update(surprise=1), "surprise"),
        (lambda f: f.update(steps=[]), "没有步骤"),
        (lambda f: step(f, "answering").update(status="asleep"), "asleep"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_the_place_where_it_is_wrong(tmp_path: Path, change: Any, said: str) -> None:
    flow = raw()
    change(flow)
    assert said in refused(tmp_path, flow)


def test_what_is_not_yaml_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "fault.yaml"
    path.write_text("steps: [")
    with pytest.raises(WorkflowError, match=r"流程文件 fault.yaml 不可用"):
        read(path)


def test_a_kind_without_a_workflow_stops_the_start(tmp_path: Path) -> None:
    for name in set(get_args(Kind)) - {"training"}:
        (tmp_path / f"{name}.yaml").write_bytes((FILES / f"{name}.yaml").read_bytes())
    with pytest.raises(WorkflowError, match=r"缺少工单类型 training"):
        load(tmp_path)
