"""Settlements alone, as many as a bench asks for: written in parts, so that memory does not grow with the rows."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from services.stats.sample.generate import conforming, connect, path_literal
from services.stats.sources.table import tables

PART = 2_500_000
WRITERS = 2
PLAIN = "DICTIONARY_SIZE_LIMIT 1000"  # amounts and ids never repeat enough for a dictionary to pay for its making
SCRIPT = Path(__file__).parent / "large.sql"


def large(folder: Path, rows: int, seed: int, *, part: int = PART) -> list[Path]:
    """`setl_d-000.parquet` and so on: `rows` settlements of 22 months from 2025-01, by the schema of setl_d.

    A file has `part` rows, an even number. Amounts add up as in `generate`; one pair of rows in 97 is a settlement and
    its refund, one in 150 is void. A person has twelve settlements. The same arguments give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    spans = [(first, min(first + part, rows)) for first in range(0, rows, part)]
    written = [folder / f"setl_d-{at:03}.parquet" for at in range(len(spans))]
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda path, span: _part(path, span, rows, seed), written, spans))
    return written


def _part(path: Path, span: tuple[int, int], rows: int, seed: int) -> None:
    """One file on one thread of its own: two such are quicker than one file that two threads must put in order."""
    given = {"seed": seed, "heads": max(rows // 12, 100), "first": span[0], "until": span[1]}
    with TemporaryDirectory(dir=path.parent) as spill, connect(Path(spill), threads=1) as db:
        for name, value in given.items():
            db.execute(f"SET VARIABLE {name} = {int(value)}")
        made = conforming(db, f"({SCRIPT.read_text('utf-8')})", tables()["setl_d"])
        db.execute(f"COPY ({made}) TO {path_literal(path)} (FORMAT parquet, COMPRESSION snappy, {PLAIN})")
