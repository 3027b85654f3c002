"""Why a file became no article, each with what to do about it. Pure."""

from typing import Final

from chassis.errors import Refused

WORDS: Final = {
    "empty_file": "文件是空的: 请检查文件后重新上传",
    "not_supported": "不支持这种文件: 请上传 DOCX、PDF、HTML、Markdown 或 TXT",
    "program": "文件是程序或脚本, 不接收: 请上传 DOCX、PDF、HTML、Markdown 或 TXT 文档",
    "old_word": "这是旧版 Word (.doc) 或 WPS 文件: 请用 Word 或 WPS 打开, 另存为 .docx 后再上传",
    "encrypted": "文件设有密码, 读不出来: 请去掉密码另存后再上传",
    "not_docx": "文件内容不是 Word 文档, 与 .docx 的名称不符: 请用 Word 或 WPS 打开, 另存为 .docx 后再上传",
    "mismatch": "文件内容与名称的后缀不符: 请用原来的程序打开, 另存为正确的格式后再上传",
    "broken": "文件已损坏或格式不完整, 读不出来: 请在原来的程序里打开确认, 另存后再上传",
    "bomb": "文件解压后过大, 可能是恶意构造的: 请核对来源; 若确有必要, 请拆分或压缩其中的图片后再上传",
    "entities": "文件里含有外部实体等不安全的内容: 请用 Word 或 WPS 重新另存后再上传",
    "scanned": "这份 PDF 是扫描件, 里面没有文字: 请先用 OCR 转成有文字的 PDF 或 Word 后再上传",
    "no_text": "文件里没有文字: 请确认内容不是只有图片, 或改传带文字的版本",
    "not_text": "文件的文字编码认不出来 (既不是 UTF-8 也不是 GBK): 请用记事本另存为 UTF-8 后再上传",
    "too_long": "文件的文字超过 100 万字: 请按章节拆成几个文件后再上传",
    "too_complex": "文件过于复杂, 在限定的时间和内存内没有读完: 请拆分, 或另存为更简单的格式后再上传",
}
_STATUS: Final = {"empty_file": 415, "not_supported": 415, "program": 415, "old_word": 415, "mismatch": 415}
CODES: Final = frozenset(WORDS)


class Unreadable(Refused):
    """A file of which no article can be made; the message says what to do."""

    def __init__(self, code: str) -> None:
        super().__init__(code, WORDS[code])
        self.status = _STATUS.get(code, 422)
