"""Report files that are none, are damaged, or that somebody made to do harm: a row a class, as in `bad_input`.

Each row makes variants in memory: (file name, its bytes). What is asked of all of them: "refuse" (by name, in one
line), "load", or "either"; and never more time, memory or anything of another file.
"""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import made_papers

Answer = Literal["refuse", "load", "either"]
Variants = Iterable[tuple[str, bytes]]
SECRET = "the secret of another file"
PAPER = made_papers.Paper(
    "A short report", ("It says that a mass was seen (Figure 1).",), (("1", "Axial CT of a mass (arrow)."),)
)
GIGABYTE = 1 << 30


@dataclass(frozen=True)
class BadReport:
    """A class of bad report files; says: a pattern that the message of a refusal must match."""

    name: str
    make: Callable[[], Variants]
    answer: Answer = "refuse"
    says: str = ""


def squeezed(byte: bytes, size: int, level: int = 9) -> bytes:
    """`size` bytes of one kind, deflated without ever standing in memory."""
    packer = zlib.compressobj(level)
    parts = [packer.compress(byte * (1 << 20)) for _ in range(size >> 20)]
    return b"".join([*parts, packer.flush()])


def pdf_of(objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """A PDF of these objects; 1 is its catalog."""
    file = io.BytesIO()
    file.write(b"%PDF-1.7\n")
    places = {}
    for number, body in objects.items():
        places[number] = file.tell()
        file.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = file.tell()
    file.write(b"xref\n0 1\n0000000000 65535 f \n")
    for number, place in places.items():
        file.write(b"%d 1\n%010d 00000 n \n" % (number, place))
    size = max(objects) + 1
    file.write(b"trailer\n<</Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start))
    return file.getvalue()


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)


def page(content: bytes, entries: bytes = b"", more: dict[int, bytes] | None = None) -> bytes:
    """A PDF of one page with this content stream (object 4) and font (object 5)."""
    resources = b"/Resources <</Font <</F 5 0 R>> %s>>" % entries
    objects = {
        1: b"<</Type /Catalog /Pages 2 0 R>>",
        2: b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        3: b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R %s>>" % resources,
        4: content,
        5: b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
    }
    return pdf_of(objects | (more or {}))


WORDS = b"BT /F 10 Tf 50 700 Td (Figure 1. Axial CT of a mass in the left lung.) Tj ET\n"


def pdf_named(*files: bytes) -> Variants:
    return ((f"{number}.pdf", data) for number, data in enumerate(files))


def encrypted(user: str, algorithm: str = "RC4-128") -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(made_papers.pdf(PAPER, "one column"))))
    writer.encrypt(user, "owner", algorithm=algorithm)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def locked(user: str) -> Iterator[bytes]:
    for algorithm in ("RC4-40", "RC4-128", "AES-128", "AES-256-R5", "AES-256"):
        yield encrypted(user, algorithm)


def nameless() -> Variants:
    glyphs = " ".join(f"/g{code}" for code in range(32, 127)).encode()
    simple = b"<</Type /Font /Subtype /Type1 /BaseFont /Own /Encoding <</Differences [32 %s]>>>>" % glyphs
    composite = b"<</Type /Font /Subtype /Type0 /BaseFont /Own /Encoding /Identity-H /DescendantFonts [6 0 R]>>"
    below = b"<</Type /Font /Subtype /CIDFontType2 /BaseFont /Own /DW 1000>>"
    yield "names.pdf", page(stream(WORDS), more={5: simple})
    yield "numbers.pdf", page(stream(WORDS), more={5: composite, 6: below})


def aes() -> bytes:
    crypt = (
        b"<</Filter /Standard /V 5 /R 6 /Length 256 /O <%s> /U <%s> /OE <%s> /UE <%s> /P -1 /Perms <%s> "
        b"/CF <</StdCF <</CFM /AESV3 /Length 32>>>> /StmF /StdCF /StrF /StdCF>>"
    ) % (b"00" * 48, b"11" * 48, b"22" * 32, b"33" * 32, b"44" * 16)
    whole = page(stream(WORDS), more={9: crypt})
    return whole.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 9 0 R /ID [<00> <00>]")


def cut() -> Variants:
    for name, whole in (
        ("a.pdf", made_papers.pdf(PAPER, "one column")),
        ("a.docx", made_papers.docx(PAPER, "style")),
    ):
        for part in (0.1, 0.5, 0.9, 0.99):
            yield name, whole[: int(part * len(whole))]


def spoiled() -> Variants:
    chance = random.Random(5)
    for name, whole in (
        ("a.pdf", made_papers.pdf(PAPER, "two columns")),
        ("a.docx", made_papers.docx(PAPER, "fields")),
    ):
        for _ in range(6):
            data = bytearray(whole)
            for _ in range(40):
                data[chance.randrange(len(data))] = chance.randrange(256)
            yield name, bytes(data)


def loops() -> Variants:
    kids = {2: b"<</Type /Pages /Kids [2 0 R 3 0 R] /Count 2>>"}
    parents = {2: b"<</Type /Pages /Kids [3 0 R] /Count 1 /Parent 3 0 R>>"}
    itself = {4: b"4 0 R"}
    array = {4: b"[4 0 R 4 0 R]"}
    yield from pdf_named(*(page(stream(WORDS), more=more) for more in (kids, parents, itself, array)))
    whole = page(stream(WORDS))
    yield "previous.pdf", whole.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % whole.rindex(b"xref\n0 1"))
    length = {4: b"<</Length 4 0 R>>\nstream\n%s\nendstream" % WORDS}
    yield "length.pdf", page(b"", more=length)


def drawn_again() -> Variants:
    draws = b"/XObject <</A 6 0 R>>"
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources <</XObject <</A 6 0 R /B 7 0 R>>>>"
    yield from pdf_named(
        page(stream(WORDS + b"/A Do"), draws, {6: stream(b"/A Do", form)}),
        page(stream(WORDS + b"/A Do"), draws, {6: stream(b"/B Do", form), 7: stream(b"/A Do /A Do", form)}),
    )
    more = {}
    for number in range(6, 40):
        entries = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources <</XObject <</A %d 0 R>>>>" % (number + 1)
        more[number] = stream(b"/A Do /A Do /A Do", entries)
    yield "doubling.pdf", page(stream(WORDS + b"/A Do"), draws, more)


def pages_without_end() -> Variants:
    objects = {1: b"<</Type /Catalog /Pages 2 0 R>>"}
    for number in range(2, 32):
        below = b"%d 0 R " % (number + 1)
        objects[number] = b"<</Type /Pages /Kids [%s] /Count %d>>" % (below * 2, 2 ** (31 - number))
    objects[32] = b"<</Type /Page /MediaBox [0 0 9 9]>>"
    yield "doubling.pdf", pdf_of(objects)
    kids = b"3 0 R " * 90_000
    yield "many.pdf", page(stream(WORDS), more={2: b"<</Type /Pages /Kids [%s] /Count 90000>>" % kids})


def pdf_bombs() -> Variants:
    flate = b"/Filter /FlateDecode"
    zeros = squeezed(b"\0", GIGABYTE)
    yield "zeros.pdf", page(stream(zeros, flate))
    yield "spaces.pdf", page(stream(squeezed(b" ", GIGABYTE), flate))
    yield "twice.pdf", page(stream(zlib.compress(zeros), b"/Filter [/FlateDecode /FlateDecode]"))
    yield "lengths.pdf", page(stream(b"\x81\0" * (4 << 20), b"/Filter /RunLengthDecode"))
    yield "words.pdf", page(stream(zlib.compress(b"BT /F 1 Tf\n" + b"(a b c d e f g h) Tj\n" * 3_000_000), flate))
    yield "operators.pdf", page(stream(zlib.compress(b"q " * 30_000_000), flate))
    yield "arrays.pdf", page(stream(WORDS + b"BT " + b"[" * 200_000 + b" TJ ET"))
    yield "deep.pdf", page(stream(WORDS), more={3: b"<</A " * 100_000 + b">>" * 100_000})
    cmap = b"begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange\n" + b"".join(
        b"1 beginbfrange <0000> <FFFF> <%04X> endbfrange\n" % number for number in range(4000)
    )
    font = b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R>>"
    yield "letters.pdf", page(stream(WORDS), more={5: font, 6: stream(cmap)})


def picture_bombs() -> Variants:
    draw = WORDS + b"q 300 0 0 300 50 300 cm /A Do Q"
    names = b"/XObject <</A 6 0 R>>"
    image = b"/Type /XObject /Subtype /Image /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode"
    zeros = squeezed(b"\0", GIGABYTE)
    for number, (width, height) in enumerate(((100_000, 100_000), (10, 10), (6000, 6000), (-5, 1 << 40), (0, 0))):
        entries = b"%s /Width %d /Height %d" % (image, width, height)
        yield f"{number}.pdf", page(stream(draw), names, {6: stream(zeros, entries)})
    yield "mask.pdf", page(stream(draw), names, {6: stream(zlib.compress(bytes(300)), image + b" /SMask 6 0 R")})
    yield "jpeg.pdf", page(stream(draw), names, {6: stream(b"\xff\xd8\xff\xe0", image.replace(b"Flate", b"DCT"))})


def docx_of(document: bytes, others: dict[str, bytes] | None = None, spaces: int = 0) -> bytes:
    """A DOCX with these bytes, and so many spaces, as its main part; other parts by name."""
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        b'Target="word/document.xml"/></Relationships>'
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", relations)
        with archive.open("word/document.xml", "w") as part:
            part.write(document)
            for _ in range(spaces >> 20):
                part.write(b" " * (1 << 20))
        for name, data in (others or {}).items():
            archive.writestr(name, data)
    return file.getvalue()


HEAD = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><w:body>'
)
TAIL = "</w:body></w:document>"
CAPTION = "<w:p><w:r><w:t>Figure 1. Axial CT of a mass.</w:t></w:r></w:p>"


def body(inner: str) -> bytes:
    return f"{HEAD}{inner}{TAIL}".encode()


def entities() -> Variants:
    tenfold = [f"&e{number};" * 10 for number in range(11)]
    laughs = "".join(f"<!ENTITY e{number} '{words}'>" for number, words in enumerate(tenfold, 1))
    long = "ha" * 100_000
    for number, (declared, used) in enumerate(
        (
            (f'<!ENTITY e0 "ha">{laughs}', "&e11;"),
            (f'<!ENTITY e0 "{long}">', "&e0;" * 100_000),
            ('<!ENTITY e SYSTEM "secret.txt">', "&e;"),
            ('<!ENTITY % e SYSTEM "http://localhost:9/x.dtd"> %e;', ""),
            ('<!ENTITY a "&b;"><!ENTITY b "&a;">', "&a;"),
        )
    ):
        kind = f"<!DOCTYPE w:document [{declared}]>"
        text = f"<w:p><w:r><w:t>Figure 1. A mass. {used}</w:t></w:r></w:p>"
        yield f"{number}.docx", docx_of(kind.encode() + body(text))
        yield f"wide-{number}.docx", docx_of((kind + body(text).decode()).encode("utf-16"))


def docx_bombs() -> Variants:
    yield "spaces.docx", docx_of(b"<w:document ", spaces=GIGABYTE)
    yield "elements.docx", docx_of(body(CAPTION + "<w:p/>" * 12_000_000))
    yield "deep.docx", docx_of(body("<w:tbl>" * 100_000))
    yield "letters.docx", docx_of(body(CAPTION.replace("mass", "mass " * 2_000_000)))


def many_members() -> Variants:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(70_000):
            archive.writestr(f"word/{number}", b"")
    yield "a.docx", file.getvalue()


def relations_of(target: str, mode: str = "") -> bytes:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{kind}/image" Target="{target}" {mode}/>'
        f'<Relationship Id="r2" Type="{kind}/attachedTemplate" Target="http://localhost:9/x" TargetMode="External"/>'
        "</Relationships>"
    ).encode()


def elsewhere() -> Variants:
    shown = '<w:p><w:r><w:drawing><a:blip r:embed="r1" r:link="r1"/></w:drawing></w:r></w:p>'
    for number, (target, mode) in enumerate(
        (
            ("http://localhost:9/a.png", 'TargetMode="External"'),
            ("file:///etc/passwd", 'TargetMode="External"'),
            ("../../../../etc/passwd", ""),
            ("/etc/passwd", ""),
            ("\\\\server\\share\\a.png", 'TargetMode="External"'),
            ("media/none.png", ""),
        )
    ):
        relations = relations_of(target, mode)
        yield f"{number}.docx", docx_of(body(shown + CAPTION), {"word/_rels/document.xml.rels": relations})


def odd_documents() -> Variants:
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    attributes = " ".join(f"a{number}='1'" for number in range(100_000))
    ended = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    for number, inner in enumerate(
        (
            f"<w:p>{begin * 5000}</w:p>{CAPTION}",
            f"<w:p>{ended * 5000}</w:p>{CAPTION}",
            "<w:tbl><w:tr>" * 40 + CAPTION + "</w:tr></w:tbl>" * 40,
            f"{CAPTION}<w:tbl>{'<w:tr><w:tc><w:p/></w:tc></w:tr>' * 20_000}</w:tbl>",
            f"<w:p {attributes}/>{CAPTION}",
            "<!-- a --><?b c?>" + CAPTION,
        )
    ):
        yield f"{number}.docx", docx_of(body(inner))


def traps() -> Variants:
    for number, text in enumerate(
        (
            "Figure " * 50_000,
            "Fig. 1" * 60_000,
            "(" * 300_000,
            "a-" * 150_000,
            "figure 1. " * 40_000,
            "1" * 400_000,
            "Supplementary " * 30_000,
        )
    ):
        yield f"{number}.docx", docx_of(body(f"{CAPTION}<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"))
        lines = b"".join(b"(%s) '\n" % text[at : at + 80].encode().replace(b"(", b"\\(") for at in range(0, 99_000, 80))
        yield (
            f"{number}.pdf",
            page(
                stream(zlib.compress(WORDS + b"BT /F 5 Tf 6 TL 50 600 Td\n" + lines + b"ET"), b"/Filter /FlateDecode")
            ),
        )


def text_traps() -> Variants:
    repeats = (
        "Figure 1 ", "Figure 1. ", "fig. 1a, b-c and ", "Figs. 1-30, ", "(", "a ", "1", "12 ", "3 x ", ". ", " ## a",
        " ===== a", "a-\n", "301\n\n\f", "Figure 1. A mass.\n\n", "![Figure 1](a.png) ", "*a", "Supplementary ",
        "L1-L2, ", "&amp;",
    )  # fmt: skip
    for number, words in enumerate(repeats):
        text = "Figure 2. A mass. " + words * (50_000 // len(words))
        yield f"{number}.txt", text.encode()
        yield f"{number}.html", f"<html><p>{text}</p></html>".encode()
        yield f"{number}.xml", f"<article><body><p>{text}</p></body></article>".encode()


def long_lines() -> Variants:
    told = "A man coughed. CT of the chest showed a nodule of 12 mm in the left upper lobe (Figure 1). "
    text = told * (1_000_000 // len(told)) + "Figure 1. Axial CT of a nodule (arrow)."
    yield "line.txt", text.encode()
    yield "line.html", f"<html><body><p>{text}</p></body></html>".encode()
    yield "line.xml", f"<article><body><p>{text}</p></body></article>".encode()


def no_documents() -> Variants:
    noise = random.Random(3).randbytes(100_000)
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("a.txt", "no document")
    for name in ("a.pdf", "a.docx"):
        for data in (b"", b" \n", noise, b"\x7fELF" + noise, "Figure 1. A mass.".encode("utf-16"), zipped.getvalue()):
            yield name, data
    yield "magic.pdf", b"%PDF-1.7\n"
    yield "noise.pdf", b"%PDF-1.7\n" + noise
    yield "magic.docx", b"PK\x03\x04"
    yield "noise.docx", b"PK\x03\x04" + noise
    yield "old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + noise
    yield "other.docx", docx_of(b"<html/>")
    yield "strict.docx", docx_of(b'<a:document xmlns:a="http://purl.oclc.org/ooxml/wordprocessingml/main"/>')
    yield "wordless.docx", docx_of(body("<w:p/>"))


def locked_docx() -> Variants:
    whole = bytearray(docx_of(body(CAPTION)))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = whole.find(sign)
        while at >= 0:
            whole[at + place] |= 1
            at = whole.find(sign, at + 1)
    yield "a.docx", bytes(whole)


ROWS = (
    BadReport("no documents", no_documents),
    BadReport("cut files", cut, "either"),
    BadReport("spoiled files", spoiled, "either"),
    BadReport("an encrypted PDF", lambda: pdf_named(*locked("secret"), aes()), says="encrypted"),
    BadReport("a PDF that any reader may open", lambda: pdf_named(*locked("")), "load"),
    BadReport("a PDF whose letters nobody can tell", nameless, says="letters of its fonts"),
    BadReport("a PDF of pictures", lambda: pdf_named(page(stream(b"0 0 9 9 re f"))), says="no text"),
    BadReport("a PDF that refers to itself", loops, "either"),
    BadReport("a PDF that draws itself", drawn_again, says="over and over|too"),
    BadReport("pages without end", pages_without_end),
    BadReport("PDF bombs", pdf_bombs, "either"),
    BadReport("picture bombs in a PDF", picture_bombs, "either"),
    BadReport("entities in a DOCX", entities, says="entities|damaged"),
    BadReport("DOCX bombs", docx_bombs, says="too|damaged"),
    BadReport("a DOCX of 70,000 members", many_members, says="too many"),
    BadReport("a locked DOCX", locked_docx, says="encrypted"),
    BadReport("a DOCX that refers elsewhere", elsewhere, "load"),
    BadReport("odd documents", odd_documents, "load"),
    BadReport("traps for patterns", traps, "either"),
    BadReport("traps for patterns in text", text_traps, "either"),
    BadReport("megabytes in a line", long_lines, "load"),
)
