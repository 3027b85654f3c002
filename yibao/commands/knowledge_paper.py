"""Documents into `yibao knowledge` and books out of it."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from yibao import knowledge_tables as tables
from yibao.asking import asking, console, given, saved
from yibao.commands.knowledge_search import LONG_S, SERVICE, VIEWERS, By


def import_(
    files: Annotated[list[Path], typer.Argument(help="DOCX, PDF, HTML, Markdown 或 TXT 文件", exists=True)],
    category: Annotated[str, typer.Option(help="类别, 例如 业务咨询")],
    kind: Annotated[str, typer.Option(help="guide (培训材料) 或 policy (政策文件)")] = "guide",
    audience: Annotated[str, typer.Option(help=f"给谁看: {VIEWERS}")] = "engineers",
    by: By = "",
) -> None:
    """导入文档, 成为知识条目的草稿; 原件加密保存。"""
    form = {"category": category, "kind": kind, "audience": audience}
    failed = 0
    with asking(SERVICE, by, LONG_S) as http:
        for file in files:
            done = http.post("/documents", data=form, files={"file": (file.name, file.read_bytes())}).json()
            results = done.get("documents") or [{"name": file.name, "status": "refused", "message": done["message"]}]
            for one in results:
                failed += one["status"] == "refused"
                console.print(tables.imported(one))
    raise typer.Exit(1 if failed else 0)


def book(
    institution: Annotated[str, typer.Argument(help="机构编码")],
    to: Annotated[Path, typer.Option("--to", "-o", help="存到哪个文件; 缺省为 专属档案-<机构编码>.pdf")] = Path(),
    name: Annotated[str, typer.Option(help="封面上的机构名称")] = "",
    with_hospitals: Annotated[bool, typer.Option("--with-hospitals", help="连同所有医院可看的条目")] = False,
) -> None:
    """把一家医院的专属档案印成 PDF。"""
    path = to if to.name else Path(f"专属档案-{institution}.pdf")
    query = given({"name": name, "with": "hospitals" if with_hospitals else ""})
    with asking(SERVICE, within_s=LONG_S) as http:
        size = saved(http, f"/archive/{quote(institution, safe='')}.pdf", path, query)
    console.print(f"已存 {path} ({size:,} 字节)")
