"""Reads workflows from YAML; a wrong one stops the start, and the message says where it is wrong."""

from pathlib import Path
from typing import get_args

import msgspec

from contracts.case import Kind
from services.intake.workflows.definition import Workflow
from services.intake.workflows.validate import faults_of


class WorkflowError(SystemExit):
    """A workflow file cannot be used; the message says which and why."""


def load(directory: Path) -> dict[Kind, Workflow]:
    """Every workflow of `directory`. Raises WorkflowError when one is wrong or a kind has none."""
    flows = [read(path) for path in sorted(directory.glob("*.yaml"))]
    found = {flow.kind: flow for flow in flows}
    if absent := [kind for kind in get_args(Kind) if kind not in found]:
        raise WorkflowError(f"缺少工单类型 {', '.join(absent)} 的流程文件: 请在 {directory} 中补上")
    return {kind: found[kind] for kind in get_args(Kind)}


def read(path: Path) -> Workflow:
    """One workflow. Raises WorkflowError."""
    try:
        flow = msgspec.yaml.decode(path.read_bytes(), type=Workflow)
    except (OSError, msgspec.MsgspecError) as error:
        raise WorkflowError(f"流程文件 {path.name} 不可用: {error}") from None
    faults = [] if flow.kind == path.stem else [f"kind 为 {flow.kind}, 应与文件名相同"]
    if faults := faults + list(faults_of(flow)):
        raise WorkflowError(f"流程文件 {path.name} 有误: {'; '.join(faults)}")
    return flow
