"""A child process that ends with its parent, writes to a log file, and is stopped by pid."""

import asyncio
import ctypes
import signal
from collections.abc import Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
LOG_BYTES = 50 * 1024 * 1024  # a longer log is put aside at the next start
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent() -> None:
    # So that a parent killed with SIGKILL leaves no server behind that keeps its port.
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Process:
    """`log` gets everything that the child prints."""

    def __init__(self, name: str, command: Sequence[str], log: Path, env: dict[str, str] | None = None) -> None:
        self.name, self.log = name, log
        self._command, self._env = command, env
        self._child: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child and self._child.returncode is None else None

    async def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as out:
            # A group of its own: Ctrl-C in the terminal reaches only the supervisor, which stops all in order.
            self._child = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=self._env,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    async def wait(self) -> int:
        assert self._child is not None
        return await self._child.wait()

    async def stop(self, within_s: float) -> None:
        """SIGTERM, then SIGKILL after `within_s`."""
        if self._child is None or self._child.returncode is not None:
            return
        self._child.terminate()
        try:
            await asyncio.wait_for(self._child.wait(), within_s)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        if self._child is not None and self._child.returncode is None:
            self._child.kill()
            await self._child.wait()

    def last_words(self, lines: int = 3) -> str:
        """The end of the log, to show when the child died."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""
