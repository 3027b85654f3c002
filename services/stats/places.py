"""Where files lie, below the data directory: uploads and data sets by their hash, results by their run."""

from pathlib import Path
from uuid import UUID

FORMS = {"xlsx": "output.xlsx", "pdf": "output.pdf", "html": "output.html", "csv": "output.csv",
         "parquet": "output.parquet", "rejects": "rejects.csv", "differences": "differences.parquet",
         "zip": "differences.zip"}  # fmt: skip
"""The name of each form of a result in its run's folder."""
COUNTS = "lists.json"
"""How far each institution's settlement lists are, beside the result of reading them in."""


def stats_dir(data_dir: Path) -> Path:
    return data_dir.resolve() / "stats"


def upload_path(data_dir: Path, upload_id: str) -> Path:
    return stats_dir(data_dir) / "uploads" / upload_id


def dataset_path(data_dir: Path, table: str, sha256: str) -> Path:
    return stats_dir(data_dir) / "datasets" / table / f"{sha256}.parquet"


def run_dir(data_dir: Path, run_id: UUID) -> Path:
    return stats_dir(data_dir) / "runs" / str(run_id)
