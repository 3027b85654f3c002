"""Pictures of workflows in Mermaid. `python -m services.intake.workflows.diagram` writes docs/workflows.md."""

from pathlib import Path
from typing import Final

from contracts.casework import OWES_NAMES
from services.intake.workflows.definition import FieldSpec, Step, Transition, Workflow
from services.intake.workflows.engine import WORKFLOWS
from services.intake.workflows.guards import GUARDS

PAGE: Final = Path(__file__).parents[3] / "docs" / "workflows.md"
_STATUS: Final = {
    "new": "新建", "in_progress": "处理中", "waiting": "等待", "escalated": "已上报", "resolved": "已解决",
    "closed": "已关闭",
}  # fmt: skip
_COLOURS: Final = {
    "waiting": "fill:#fff4ce,stroke:#c8a415", "escalated": "fill:#fde2d9,stroke:#c8552b",
    "resolved": "fill:#dff3e0,stroke:#3b8f41", "closed": "fill:#eeeeee,stroke:#888888",
}  # fmt: skip
_INTRO: Final = """# Workflows

Every kind of case follows a workflow. A workflow is a YAML file in `services/intake/workflows/`; one pure engine reads
them all. This page is made from these files: `python -m services.intake.workflows.diagram` writes it anew.

- A **step** has a status that the rest of the desk sees, and says who owes the next move.
- A **transition** leads to a step, asks for fields (masked before they are stored) and may have conditions. One
  without a target only notes facts down.
- `when` says where the commands lead that every case knows: escalate, resolve, close, reopen, and beginning to work.
  *Wait* leads nowhere: the case stays in its step until whoever was waited for has answered.
- A step into another status is said with the events of the command for it, so clocks, alerts and articles follow.
- A step with *chase after* reminds the desk when the one who owes has been silent for so long.

A wrong file stops the start and the message says what is wrong: unknown steps, steps that nothing leads to, dead ends,
names that come twice, a status that does not fit who owes, a solution without words.

At work: `GET /cases/{reference}/moves` lists what can be done now and what it needs, `POST /cases/{reference}/step`
does it, `GET /workflows` gives everything below as JSON. `*` marks fields that must be filled in.
"""


def mermaid(flow: Workflow, at: str = "") -> str:
    """A Mermaid state diagram; the step `at` has a thick border."""
    lines = ["stateDiagram-v2", *(f'    state "{step.name}" as {step.id}' for step in flow.steps)]
    lines.append(f"    [*] --> {flow.start.id}")
    lines += [f"    {source} --> {t.target(source)}: {t.label}" for t in flow.transitions for source in t.sources]
    lines += [f"    {step.id} --> [*]" for step in flow.steps if step.status == "closed"]
    lines += [f"    classDef is_{status} {colour}" for status, colour in _COLOURS.items()]
    lines += [f"    class {step.id} is_{step.status}" for step in flow.steps if step.status in _COLOURS]
    if flow.step(at):
        lines += ["    classDef is_now stroke-width:4px", f"    class {at} is_now"]
    return "\n".join(lines) + "\n"


def page() -> str:
    """All workflows as one page."""
    return "\n".join([_INTRO, *map(_section, WORKFLOWS.values())])


def _section(flow: Workflow) -> str:
    table = ["| step | 步骤 | status | owes | chase after |", "|---|---|---|---|---|", *map(_step, flow.steps)]
    moves = ["| transition | 操作 | from | to | fields | 条件 |", "|---|---|---|---|---|---|"]
    moves += [_transition(t) for t in flow.transitions]
    title = f"## {flow.kind} {flow.name}\n\n{flow.about}\n"
    return "\n".join([title, f"```mermaid\n{mermaid(flow)}```\n", *table, "", *moves, ""])


def _step(step: Step) -> str:
    chase = "" if step.chase_after_h is None else f"{step.chase_after_h:g} h"
    return f"| `{step.id}` | {step.name} | {step.status} {_STATUS[step.status]} | {OWES_NAMES[step.owes]} | {chase} |"


def _transition(t: Transition) -> str:
    fields = [_field(f, "*") for f in t.requires] + [_field(f, "") for f in t.optional]
    guards = "；".join(GUARDS[g][1] for g in t.guards)
    sources = " ".join(f"`{s}`" for s in t.sources)
    to = f"`{t.to}`" if t.to else "stays"
    return f"| `{t.name}` | {t.label} | {sources} | {to} | {'<br>'.join(fields)} | {guards} |"


def _field(spec: FieldSpec, mark: str) -> str:
    narrow = f" ({'/'.join(spec.choices)})" if spec.choices else "" if spec.type == "text" else f" ({spec.type})"
    return f"{spec.label}{mark} `{spec.field}`{narrow}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
