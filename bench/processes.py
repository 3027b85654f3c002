"""Processes as the kernel knows them: who belongs to whom, what they are called, what memory they hold."""

from pathlib import Path


def family(pid: int) -> list[int]:
    """`pid` and all its descendants."""
    children = [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [pid, *(d for c in children for d in family(c))]


def rss_mb(pid: int) -> float:
    """Resident memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) / 1024


def name(pid: int) -> str:
    """Of a service its own name, of a server its program's."""
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    if "yibao.serve" in words:
        return words[words.index("yibao.serve") + 1]
    return "yibao up" if "up" in words else Path(words[0]).name
