"""Documents for the tests of the import: small ones, and hostile ones."""

import io
import zipfile
from collections.abc import Mapping

from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_RELS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
STYLES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:style w:type="paragraph" w:styleId="h1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="h2"><w:name w:val="heading 2"/></w:style></w:styles>'
)
_BODY = (
    '<?xml version="1.0" encoding="UTF-8"?>{prolog}'
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>'
)


def paragraph(text: str, style: str = "") -> str:
    look = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{look}<w:r><w:t>{text}</w:t></w:r></w:p>"


def table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def docx(body: str, prolog: str = "", **more: str) -> bytes:
    return zipped({
        "[Content_Types].xml": _TYPES, "_rels/.rels": _RELS, "word/styles.xml": STYLES,
        "word/document.xml": _BODY.format(prolog=prolog, body=body), **more,
    })  # fmt: skip


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def renamed(data: bytes, old: str, new: str) -> bytes:
    """A document that says itself that its part `old` is called `new`."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(old.encode(), new.encode())
    return zipped({new if name == old else name: content for name, content in parts.items()})


def bomb() -> bytes:
    """400 MB that are 400 KB when packed."""
    return docx(paragraph("门特"), **{"word/media/image1.bin": "\0" * (400 << 20)})


def pdf(*pages: str) -> bytes:
    """Each page's lines; a line that begins with # is large. An empty page has a drawing only."""
    from chassis.paper import FONT

    out = io.BytesIO()
    canvas = Canvas(out)
    for page in pages:
        canvas.rect(50, 50, 100, 100)
        for n, line in enumerate(page.splitlines()):
            canvas.setFont(FONT, 16 if line.startswith("#") else 10)
            canvas.drawString(60, 780 - 20 * n, line.lstrip("# "))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def locked(data: bytes) -> bytes:
    """The PDF with a password."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt("secret", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
