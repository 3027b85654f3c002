"""Files of evidence: what they are is read from them, and only plain types go out under their own name."""

from pathlib import Path
from uuid import UUID

import pytest
from litestar.datastructures import UploadFile

from services.sla.obligations.evidence import Empty, Files, NotAllowed
from services.sla.obligations.model import Evidence, File
from tests.unit.sla.events import at

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def upload(name: str, content: bytes, claimed: str = "text/html") -> UploadFile:
    return UploadFile(claimed, name, content)


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("截图.html", PNG, "image/png"), ("回执.pdf", b"%PDF-1.4", "application/pdf"), ("签.txt", b"x", "text/plain"),
        ("页.htm", b"<!doctype html><script>x</script>", "text/plain"), ("x.bin", b"\0\1", "application/octet-stream"),
    ],
)  # fmt: skip
async def test_the_content_says_what_a_file_is(tmp_path: Path, name: str, content: bytes, media_type: str) -> None:
    kept = await Files(tmp_path, 1).keep(upload(name, content))
    assert (kept.name, kept.media_type) == (name, media_type)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("回执.exe", b"x"),
        ("回执.js", b"x"),
        ("回执.txt", b"#!/bin/sh\nrm"),
        ("图.png", b"MZ\x90\0\3"),
        ("x.lnk .", b"x"),
    ],
)
async def test_a_program_or_script_is_refused_and_leaves_nothing(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(NotAllowed, match="程序或脚本"):
        await Files(tmp_path, 1).keep(upload(name, content, "image/png"))
    with pytest.raises(Empty):
        await Files(tmp_path, 1).keep(upload("空.txt", b""))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("kept", "handed_out"),
    [
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("image/png", "image/png"),
    ],
)
async def test_what_was_kept_under_the_uploaders_word_goes_out_as_bytes(
    tmp_path: Path, kept: str, handed_out: str
) -> None:
    files = Files(tmp_path, 1)
    file = await files.keep(upload("旧.txt", b"old"))
    piece = Evidence(at(0), UUID(int=1), "wang", file=File(file.sha256, file.name, file.size, kept))
    assert files.hand_out(piece).media_type == handed_out
