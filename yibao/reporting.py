"""Progress of long work on the terminal, and what to say when the desk does not run."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from nats.errors import Error as NatsError
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

_COLUMNS = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,}"), TimeElapsedColumn())


class Report:
    """Shows how far each step is."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._steps: dict[str, int] = {}

    def __call__(self, step: str, done: int) -> None:
        task = self._steps.get(step)
        if task is None:
            task = self._steps[step] = self._progress.add_task(step, total=None)
        self._progress.update(task, completed=done)  # type: ignore[arg-type]


@contextmanager
def reported(console: Console) -> Iterator[Report]:
    """Work on the desk's servers; without them it ends with a sentence and exit code 2."""
    try:
        with Progress(*_COLUMNS, console=console, transient=True) as progress:
            yield Report(progress)
    except (NatsError, PyMongoError, OSError):
        typer.secho("连不上 NATS 或 MongoDB: 请先运行 make up", fg="red", err=True)
        raise typer.Exit(2) from None
