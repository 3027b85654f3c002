"""`python -m services.stats.sample`: generated tables for a trial, a lesson or a bench."""

import argparse
import sys
from pathlib import Path

from services.stats.sample import FORMS, as_files, generate, large
from services.stats.sample.months import months_of


def main(arguments: list[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    if asked.rows:
        paths = large(asked.out, asked.rows, asked.seed)
        sys.stdout.write(f"已生成 {asked.rows} 行结算数据, {len(paths)} 个文件, 在 {asked.out}\n")
        return 0
    truth = generate(asked.out, seed=asked.seed, persons=asked.persons, months=asked.months)
    for name, rows in truth.rows.items():
        sys.stdout.write(f"{name}\t{rows} 行\n")
    sys.stdout.write("埋入的问题 (明细见 truth.json):\n")
    for kind in truth.planted.values():
        sys.stdout.write(f"{kind.kind}\t{kind.count} 处\t{kind.amount}\t{kind.title}\n")
    if asked.form:
        paths = as_files(asked.out, asked.out / "files", asked.form)
        sys.stdout.write(f"另存为上传文件 {len(paths)} 个, 在 {asked.out / 'files'}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.stats.sample",
        description="生成虚构的医保数据: 各表一个 Parquet 文件, truth.json 列出埋入的问题。同一种子每次结果完全相同。",
        add_help=False,
    )
    add = parser.add_argument
    add("--help", "-h", action="help", help="显示本说明")
    add("--out", type=Path, required=True, metavar="目录", help="写到哪个目录")
    add("--seed", type=int, default=1, metavar="整数", help="种子, 默认 1")
    add("--persons", type=int, default=2000, metavar="人数", help="参保人数, 不少于 200, 默认 2000")
    add(
        "--months",
        type=months_of,
        default=months_of("2025-01..2026-10"),
        metavar="起..止",
        help="月份, 默认 2025-01..2026-10",
    )
    add("--form", choices=FORMS, help="另存为上传用的文件: CSV (四种编码)、xlsx 或 zip")
    add("--rows", type=int, default=0, metavar="行数", help="只生成这么多行结算数据 (压力测试用), 不生成其他表")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
