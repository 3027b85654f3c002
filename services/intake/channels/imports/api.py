"""HTTP of imports: the template, the upload, the rows that have to be mended."""

import io
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body

from chassis.access import DESK, actor_of
from contracts.channel import CHANNELS, Channel
from services.intake.channels.imports.columns import LABELS
from services.intake.channels.imports.kept import MAX_BYTES, Imports, NotImported

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NOTES = {
    "channel": "必填: 微信, QQ, 电话, 网页, 邮件, 现场",
    "name": "谁问的",
    "contact": "电话、账号或邮箱; 同一联系方式的消息算同一个会话",
    "institution": "定点医药机构编号, H 或 P 加 11 位数字; 不清楚可留空",
    "place": "机构名称",
    "time": "必填: 来询时间, 例如 2026-11-22 09:30",
    "recorded": "什么时候登记的, 可留空",
    "subject": "主题, 可留空",
    "text": "必填: 问题内容",
    "conversation": "群名或会话编号; 同一会话的消息会归并",
    "message_id": "渠道自己的消息编号, 可留空; 同一编号只导入一次",
}


@dataclass
class Form:
    """`channel` is that of rows which name none."""

    file: UploadFile | None = None
    channel: str | None = None


class ImportController(Controller):
    """Import of messages from XLSX or CSV (批量导入)."""

    path = "/channels/import"
    tags = ("channels",)

    @get("/template", roles=DESK, media_type=_XLSX, summary="下载登记表模板")
    async def template(self) -> Response[bytes]:
        """An empty workbook with the columns, and a sheet that explains them."""
        return _download(workbook(), _XLSX, "import-template.xlsx")

    @post(roles=DESK, status_code=200, summary="导入登记表")
    async def upload(
        self, state: State, request: Request[Any, Any, Any],
        data: Annotated[Form, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> dict[str, Any]:  # fmt: skip
        """Import the form field `file`. The same file again imports nothing twice."""
        actor = actor_of(request)
        if not isinstance(data.file, UploadFile):
            raise NotImported("no_file", "没有收到文件: 请用表单字段 file 上传 xlsx 或 CSV 文件")
        result = await _imports(state).carry_out(await data.file.read(MAX_BYTES + 1), actor.id, _channel(data.channel))
        return result.summary()

    @get("/{import_id:uuid}/rejects.csv", roles=DESK, media_type="text/csv", summary="下载没有导入的行")
    async def rejects(self, state: State, import_id: UUID) -> Response[bytes]:
        """The rows that were not imported, each with its reason; mended, they can be imported as they are."""
        text = await _imports(state).rejects(import_id)
        return _download(text.encode(), "text/csv", "rejects.csv")


def workbook() -> bytes:
    """The template; its explanations are on a sheet of their own, so that nobody imports them."""
    # Here and not above: 12 MB, for a file that is downloaded once.
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet, notes = book.active or book.create_sheet(), book.create_sheet("说明")
    sheet.title = "消息"
    for n, (field, note) in enumerate(_NOTES.items(), 1):
        sheet.cell(1, n, LABELS[field]).font = Font(bold=True)
        notes.append([LABELS[field], note])
    notes.column_dimensions["B"].width = 60
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _imports(state: State) -> Imports:
    imports: Imports = state.service.state["imports"]
    return imports


def _channel(value: str | None) -> Channel | None:
    if not value:
        return None
    if value not in CHANNELS:
        raise NotImported("unknown_channel", f"不认识的渠道 {value[:20]}: 请从 {', '.join(CHANNELS)} 中选择")
    return value


def _download(content: bytes, media_type: str, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)
