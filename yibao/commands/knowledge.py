"""`yibao knowledge`: search, articles and their review, suggestions, gaps, documents, books, and the index."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from contracts.identity import Role
from yibao import knowledge_tables as tables
from yibao.asking import answer, asking, console, fail, given
from yibao.commands import knowledge_paper, knowledge_search
from yibao.commands.knowledge_search import LONG_S, SERVICE, VIEWERS, By

app = typer.Typer(no_args_is_help=True, help="知识: 检索, 条目与审核, 工单推荐, 知识缺口, 文档导入, 专属档案, 索引。")
app.command("import")(knowledge_paper.import_)
app.command("book")(knowledge_paper.book)
app.add_typer(knowledge_search.synonyms, name="synonyms")
app.add_typer(knowledge_search.index, name="index")
Json = dict[str, Any]
Article = Annotated[str, typer.Argument(help="条目编号, 例如 ZS-7K3QM-9XW2P; 工单生成的条目用工单编号")]
Why = Annotated[str, typer.Option("--why", help="原因, 记入条目经过")]
Days = Annotated[str, typer.Option(help="起, 例如 2026-11-01; 缺省为近期")]


_READERS: dict[str, Role] = {
    "engineers": "lead", "centre": "officer", "hospitals": "hospital", "hospital": "hospital",
}  # fmt: skip


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="要查的问题、交易编号或错误码")],
    viewer: Annotated[str, typer.Option("--as", help=f"按谁能看到的范围检索: {VIEWERS}")] = "engineers",
    category: Annotated[str, typer.Option(help="只看这个类别")] = "",
    limit: Annotated[int, typer.Option(help="最多显示几条", min=1, max=100)] = 10,
) -> None:
    """检索知识: 最相关的在前, 并说明为什么。"""
    kind, _, code = viewer.partition(":")
    if kind not in _READERS or (code and kind != "hospital"):
        fail(f"没有这种读者 {viewer}: 可用 {VIEWERS}", 2)
    with asking(SERVICE, role=_READERS[kind], institutions=(code,) if code else ()) as http:
        found = answer(http.get("/search", params=given({"q": text, "category": category, "limit": limit})))
    if found["hits"]:
        console.print(tables.hits(found))
    if line := found["message"] or tables.meant(found):
        console.print(line)


@app.command("list")
def list_(
    state: Annotated[list[str], typer.Option(help=f"状态, 可多次给出: {', '.join(tables.STATES)}")] = [],  # noqa: B006
    owner: Annotated[str, typer.Option(help="只看这位负责人的")] = "",
    due: Annotated[bool, typer.Option("--due", help="只看应当复核的")] = False,
    limit: Annotated[int, typer.Option(help="最多显示几条 (最新在前)", min=1, max=200)] = 20,
) -> None:
    """知识条目, 例如 --state draft 为草稿, --state in_review 为待审核。"""
    with asking(SERVICE) as http:
        query = given({"state": state, "owner": owner, "due": due, "limit": limit})
        found = answer(http.get("/articles", params=query))
    console.print(tables.articles(found["articles"]) if found["articles"] else "没有符合条件的条目")
    if found["total"] > len(found["articles"]):
        console.print(f"共 {found['total']:,} 条, 只显示前 {len(found['articles'])} 条")


@app.command()
def show(article: Article) -> None:
    """一条知识: 内容、来源、历次版本。"""
    with asking(SERVICE) as http:
        found = answer(http.get(f"/articles/{quote(article, safe='')}"))
        versions = answer(http.get(f"/articles/{found['id']}/versions"))["versions"]
        other = tables.other(found)
        number = answer(http.get(f"/articles/{other}"))["number"] if other else ""
    for line in tables.whole(found, versions, number):
        console.print(line)


@app.command()
def edit(
    article: Article,
    title: Annotated[str, typer.Option(help="标题")] = "",
    question: Annotated[str, typer.Option(help="问题")] = "",
    symptoms: Annotated[str, typer.Option(help="现象")] = "",
    cause: Annotated[str, typer.Option(help="原因")] = "",
    steps: Annotated[str, typer.Option(help="处理步骤或正文; 以 @ 开头为文件名")] = "",
    category: Annotated[str, typer.Option(help="类别")] = "",
    audience: Annotated[str, typer.Option(help=f"给谁看: {VIEWERS}")] = "",
    edition: Annotated[str, typer.Option(help="适用的平台版本")] = "",
    keyword: Annotated[list[str], typer.Option(help="关键词, 可多次给出; 取代原有的")] = [],  # noqa: B006
    why: Why = "",
    by: By = "",
) -> None:
    """修改一条知识: 只改给出的几项, 成为草稿; 已发布的内容照常可读, 直到修改发布。"""
    texts = {"title": title, "question": question, "symptoms": symptoms, "cause": cause, "answer": _text(steps)}
    changes = given({**texts, "category": category, "audience": audience, "edition": edition, "keywords": keyword})
    if not changes:
        fail("没有要改的: 请给出 --title、--steps、--audience 等至少一项, 见 --help", 2)
    with asking(SERVICE, by) as http:
        found = answer(http.get(f"/articles/{quote(article, safe='')}"))
        before = tables.content(found)
        if {**before, **changes} == before:
            fail(f"{found['number']} 已经是这样, 没有修改", 1)
        body = {**before, **changes, "why": why}
        answer(http.put(f"/articles/{found['id']}", json=body, headers={"If-Match": f'"{found["version"]}"'}))
    console.print(f"{found['number']} 已修改: 请送审 (yibao knowledge move {found['number']} submit)")


def _text(said: str) -> str:
    """What the option says, or what is in the file that it names."""
    if not said.startswith("@"):
        return said
    try:
        return Path(said[1:]).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        fail(f"读不了文件 {said[1:]}: 请核对文件名, 并存为 UTF-8 文本", 2)


@app.command()
def move(
    article: Article,
    to: Annotated[str, typer.Argument(help=f"{'; '.join(f'{k} {v}' for k, v in tables.MOVES.items())}")],
    why: Why = "",
    into: Annotated[str, typer.Option(help="合并 (merge) 到哪一条")] = "",
    by: By = "",
) -> None:
    """办理一条知识: 送审、发布、退回、复核、停用、合并。"""
    if to not in tables.MOVES:
        fail(f"没有办理动作 {to}: 可选 {', '.join(tables.MOVES)}", 2)
    if to == "merge" and not into:
        fail("请用 --into 说明合并到哪一条, 例如 --into ZS-7K3QM-9XW2P", 2)
    with asking(SERVICE, by) as http:
        body = given({"why": why, "into": into})
        answer(http.post(f"/articles/{quote(article, safe='')}/{to}", json=body))
    console.print(f"{article} 已{tables.MOVES[to]}")


@app.command()
def suggest(case: Annotated[str, typer.Argument(help="工单编号")]) -> None:
    """一个工单的推荐: 知识条目和相似工单, 以及理由。"""
    with asking(SERVICE) as http:
        found = answer(http.get(f"/suggestions/{quote(case, safe='')}"))
    console.print(tables.suggestions(found["suggestions"]) if found["suggestions"] else found["message"])


@app.command()
def judge(
    case: Annotated[str, typer.Argument(help="工单编号")],
    article: Article,
    verdict: Annotated[str, typer.Argument(help="; ".join(f"{k} {v}" for k, v in tables.VERDICTS.items()))],
    note: Annotated[str, typer.Option(help="说明")] = "",
    by: By = "",
) -> None:
    """评价一条推荐; 检索到的条目也可以评价。评价影响以后的排序。"""
    if verdict not in tables.VERDICTS:
        fail(f"没有评价 {verdict}: 可选 {', '.join(tables.VERDICTS)}", 2)
    with asking(SERVICE, by) as http:
        body = {"article": article, "verdict": verdict, "note": note}
        answer(http.post(f"/suggestions/{quote(case, safe='')}/judge", json=body))
    console.print(f"{article} 对 {case}: {tables.VERDICTS[verdict]}")


@app.command()
def gaps(
    since: Days = "", limit: Annotated[int, typer.Option(help="最多显示几个", min=1, max=200)] = 20,
) -> None:  # fmt: skip
    """常问而没有知识回答的问题。"""
    with asking(SERVICE, within_s=LONG_S) as http:
        found = answer(http.get("/gaps", params=given({"since": since, "limit": limit})))
    console.print(tables.gaps(found["gaps"]) if found["gaps"] else found["message"])
