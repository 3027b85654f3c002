"""What an attachment is, by its content, and what is never kept."""

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook

from chassis.sniff import ending_of, sniff
from services.intake.channels.attachments.kept import clean_name


def workbook() -> bytes:
    target = io.BytesIO()
    Workbook().save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "media_type", "kind"),
    [
        ("截图", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png", "image"),
        ("明细.bin", workbook(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "file"),
        ("旧表.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "application/vnd.ms-excel", "file"),
        ("票据.pdf", b"%PDF-1.4 text", "application/pdf", "file"),
        ("语音", b"\x02#!SILK_V3...", "audio/silk", "audio"),
        ("语音.amr", b"#!AMR\n\x3c", "audio/amr", "audio"),
        ("接口.log", "MZ门诊结算 2207 超时".encode("gbk"), "text/plain", "file"),
        ("明细.csv", "结算编号,金额\n".encode(), "text/csv", "file"),
        ("图.svg", b"<svg onload='x()'/>", "text/plain", "file"),
        ("页.png", b"<!doctype html><script>x</script>", "text/plain", "file"),
    ],
)
def test_the_content_says_what_a_file_is(name: str, data: bytes, media_type: str, kind: str) -> None:
    assert sniff(name, data, "image/jpeg") == (media_type, kind)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("发票.pdf", b"MZ\x90\0\x03\0"),
        ("a", b"\x7fELF\x02\x01\x01\0"),
        ("说明.docx.exe", b"hello"),
        ("a.BAT . ", b"hello"),
        ("a.txt", b"#!/bin/sh\nrm"),
        ("a.txt", b"@echo off\r\ndel"),
        ("a.txt", "<script>x</script>".encode("utf-16")),
        ("快捷方式.lnk", b"x"),
    ],
)
def test_programs_and_scripts_are_never_kept(name: str, data: bytes) -> None:
    assert sniff(name, data, "image/png") is None


@given(st.text(max_size=40), st.binary(max_size=300), st.none() | st.text(max_size=20))
@example("x.txt", b"\xff\xfe\x00", None)
def test_any_file_gets_an_answer(name: str, data: bytes, claimed: str | None) -> None:
    found = sniff(name, data, claimed)
    assert found is None or (found.media_type.count("/") == 1 and found.kind in {"file", "image", "audio", "video"})


@given(st.text(max_size=400))
@example("../../etc/passwd")
@example("C:\\Temp\\票据.pdf")
@example("..")
def test_a_cleaned_name_names_a_file_and_no_folder(name: str) -> None:
    clean = clean_name(name)
    assert 0 < len(clean) <= 255
    assert not set("/\\\r\n\0") & set(clean)
    assert clean not in {".", ".."}
    assert clean_name(clean) == clean


@given(st.text(alphabet="ab", min_size=1, max_size=190))
def test_a_long_name_keeps_its_ending(stem: str) -> None:
    assert ending_of(clean_name(stem * 3 + ".PDF")) == "pdf"
