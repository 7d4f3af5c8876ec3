"""Small files made on the spot, well-formed and hostile, for tests of parsers."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence

Text = tuple[str, float, float, float]  # (words, size, x, y), in points from the lower left; `**words**` is bold
_MIMETYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(pages: Sequence[Sequence[Text]], *, title: str = "", extra: str = "", rules: str = "") -> bytes:
    """A PDF with these lines of Helvetica. `rules`: drawing operators for every page; `extra`: for the trailer."""
    kids = " ".join(f"{5 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        *(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"
            for name in ("Helvetica", "Helvetica-Bold")
        ),
    ]
    for at, lines in enumerate(pages):
        content = rules + "\n".join(map(_shown, lines))
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents {6 + 2 * at} 0 R >>"
        )
        objects.append(f"<< /Length {len(content.encode('cp1252'))} >>\nstream\n{content}\nendstream")
    objects.append(f"<< /Title ({_escaped(title)}) >>")
    return pdf_of([item.encode("cp1252") for item in objects], f"/Info {len(objects)} 0 R {extra}")


def pdf_of(objects: Sequence[bytes], trailer: str = "") -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalog."""
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, item in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, item)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def encrypted_pdf() -> bytes:
    """Asks for a password that nobody knows."""
    secret = "<" + "5A" * 32 + ">"
    extra = f"/ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /O {secret} /U {secret} /P -4 >>"
    return pdf([[("Secret", 12, 72, 700)]], extra=extra)


def flate_bomb_pdf(size: int) -> bytes:
    """One page whose content unpacks to `size` bytes."""
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(size >> 20)) + packer.flush()
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(packed), packed)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>"
    return pdf_of(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, stream]
    )


def many_pages_pdf(count: int) -> bytes:
    """A page tree that names one page over and over."""
    kids = b"3 0 R " * count
    pages = b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, count)
    return pdf_of(
        [b"<< /Type /Catalog /Pages 2 0 R >>", pages, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"]
    )


def docx(body: str, *, doctype: str = "", more: dict[str, bytes] | None = None) -> bytes:
    """The smallest Word file with this XML in its body; `more` adds parts."""
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="bin" ContentType="application/octet-stream"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_MIMETYPE}.document.main+xml"/></Types>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATION}" Target="word/document.xml"/></Relationships>'
    )
    document = f'<?xml version="1.0"?>{doctype}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("_rels/.rels", relations)
        archive.writestr("word/document.xml", document)
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return out.getvalue()


def entity_bomb_docx() -> bytes:
    """Billion laughs in the main part."""
    entities = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10 if at else "ha" * 10}">' for at in range(10))
    return docx("<w:p><w:r><w:t>&l9;</w:t></w:r></w:p>", doctype=f"<!DOCTYPE d [{entities}]>")


def zip_bomb_docx(size: int) -> bytes:
    """A part that unpacks to `size` bytes of nothing."""
    return docx("<w:p/>", more={"word/media/image1.bin": b"\0" * size})


def _shown(line: Text) -> str:
    text, size, x, y = line
    font = "F2" if text.startswith("**") else "F1"
    return f"BT /{font} {size} Tf {x} {y} Td ({_escaped(text.strip('*'))}) Tj ET"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
