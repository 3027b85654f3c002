"""What makes `yibao knowledge` find more: the synonyms that staff teach it, and the index."""

import time
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from yibao import knowledge_tables as tables
from yibao.asking import answer, asking, console, fail

index = typer.Typer(no_args_is_help=True, help="检索索引: 核对, 重建。")
synonyms = typer.Typer(no_args_is_help=True, help="同义词: 查看, 新增, 删除。")
Json = dict[str, Any]
SERVICE = "knowledge"
LONG_S = 600.0
VIEWERS = "engineers (工程师), centre (中心), hospitals (医院) 或 hospital:<机构编码>"
By = Annotated[str, typer.Option("--by", help="以哪位工作人员 (工号) 的名义; 缺省为登录用户")]


@synonyms.command("list")
def groups(word: Annotated[str, typer.Argument(help="只看有这个词的")] = "") -> None:
    """检索时视为同义的词, 每行一组。"""
    with asking(SERVICE) as http:
        found = [one for one in answer(http.get("/synonyms")) if not word or _has(one, word)]
    console.print(tables.groups(found) if found else "没有这样的同义词组: 可用 yibao knowledge synonyms add 新增")


@synonyms.command()
def add(words: Annotated[list[str], typer.Argument(help="两个以上, 例如 门特 门慢特")], by: By = "") -> None:
    """新增一组同义词; 其中有自带的词时, 取代自带的那组。"""
    with asking(SERVICE, by) as http:
        answer(http.post("/synonyms", json={"words": words}))
    console.print(f"已保存: {' = '.join(words)}")


@synonyms.command()
def remove(word: Annotated[str, typer.Argument(help="组里的任一个词")], by: By = "") -> None:
    """删除有这个词的一组同义词。"""
    with asking(SERVICE, by) as http:
        group = next((one for one in answer(http.get("/synonyms")) if _has(one, word)), None)
        if group is None:
            fail(f"没有含“{word}”的同义词组: 可用 yibao knowledge synonyms list 查看", 1)
        headers = {"If-Match": f'"{group["version"]}"'}
        answer(http.delete(f"/synonyms/{quote(group['id'])}", headers=headers))
    console.print(f"已删除: {' = '.join(group['words'])}")


def _has(group: Json, word: str) -> bool:
    return word.casefold() in (one.casefold() for one in group["words"])


@index.command()
def check() -> None:
    """逐条核对索引与数据库; 不一致时退出码为 1。"""
    with asking(SERVICE, within_s=LONG_S) as http:
        found = answer(http.get("/index/check"))
    console.print(tables.checked(found))
    raise typer.Exit(0 if found["same"] else 1)


@index.command()
def rebuild() -> None:
    """从事件流重建索引; 重建期间旧索引照常检索。"""
    columns = (TextColumn("重建索引"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]:,} 条/秒"))
    with asking(SERVICE) as http, Progress(*columns, console=console) as progress:
        told = answer(http.post("/index/rebuild"))["rebuild"]
        task = progress.add_task("", total=told["of"] or None, rate=0)
        while told["running"]:
            time.sleep(0.3)
            told = answer(http.get("/index"))["rebuild"]
            progress.update(task, completed=told["done"], total=told["of"] or None, rate=told["per_second"])
    if told["failed"]:
        fail(f"没有重建成功 ({told['failed']}): 旧索引照常使用, 请看日志后再试", 1)
    console.print(f"索引已重建: {told['documents']:,} 条")
