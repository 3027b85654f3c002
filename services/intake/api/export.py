"""HTTP that hands a case out: the verdict on its chain, and its whole record as JSON or as a printable PDF."""

import asyncio
from typing import Any, Literal

from litestar import Controller, Response, get
from litestar.datastructures import State

from chassis.access import READERS
from chassis.asking import AnyRequest
from chassis.auditing import noted
from chassis.describing import answering
from chassis.http import now
from services.intake.api.support import Json, find, shown, written
from services.intake.record.timeline import chain, record


class ExportController(Controller):
    """Records of cases (工单档案). `reference` is a case's id or its number."""

    path = "/cases"
    tags = ("records",)

    @get("/{reference:str}/audit", roles=READERS, summary="核对工单记录")
    async def audit(self, state: State, request: AnyRequest, reference: str) -> Json:
        """Whether every event still follows from the one before; `broken_at` counts from 0.

        `yibao audit` compares with the copies in the stream as well.
        """
        found = await find(state, request, reference)
        return chain(*await written(state, found.id))

    @get(
        "/{reference:str}/export", roles=READERS, summary="导出工单",
        operation_class=answering("application/json", "application/pdf"),
    )  # fmt: skip
    async def export(
        self, state: State, request: AnyRequest, reference: str, format: Literal["json", "pdf"] = "json"
    ) -> Response[Any]:
        """The whole record: what is stored, what happened, and the proof. Masked, as everything that is stored."""
        found = await find(state, request, reference)
        assert found.state is not None
        about = found.state.institution_code or ""
        await noted(
            state.service, request, "exported", found.state.number, institution=about, detail=f"工单档案 {format}"
        )
        history, head = await written(state, found.id)
        made = {"exported_at": now().isoformat(), **record(shown(found), history, head)}
        name = f"{found.state.number}.{format}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        if format == "json":
            return Response(made, headers=headers)
        return Response(await asyncio.to_thread(_pdf, made), headers=headers, media_type="application/pdf")


def _pdf(made: Json) -> bytes:
    # The library takes 15 MB and is asked for now and then: only who asks pays for it.
    from services.intake.record.pdf import render

    return render(made)
