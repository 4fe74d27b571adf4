"""The display list as a PDF page: pixels unresampled, lines as vectors, letters as text, tagged as one figure.

ISO 32000-1. No date, no chance: the same figure gives the same bytes. Page pixels become points at the figure's dpi.
"""

from __future__ import annotations

import hashlib

import numpy as np

from callout.figures import font
from callout.figures.display import POINTS_PER_INCH, Colour, Contour, Display, Group, Image, Path, Text

LEVEL = 6
FONT_NAMES = {False: "DejaVuSans", True: "DejaVuSans-Bold"}
HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def encode_pdf(display: Display, title: str = "") -> bytes:
    """A PDF file of one page that is as large as the figure is in print."""
    return _Document(display, title).data()


class _Document:
    """The objects of one file, numbered from 1 in the order in which they are made."""

    def __init__(self, display: Display, title: str) -> None:
        self.display, self.title = display, title
        self.objects: list[bytes] = []
        self.images: list[int] = []
        self.opacities: set[float] = set()
        self.used: dict[bool, dict[int, str]] = {}  # by weight of the letters: glyph → character

    def data(self) -> bytes:
        scale = POINTS_PER_INCH / self.display.dpi
        width, height = self.display.width * scale, self.display.height * scale
        content = self._content(scale, height)
        catalogue, pages, page, tree, figure, parents = (self._room() for _ in range(6))
        stream = self._stream("", content)
        fonts = "".join(f"/F{int(bold)} {self._font(bold)} 0 R" for bold in sorted(self.used))
        states = "".join(f"/G{_percent(one)} <</ca {_number(one)}>>" for one in sorted(self.opacities))
        images = "".join(f"/I{n} {number} 0 R" for n, number in enumerate(self.images))
        self._put(
            page,
            f"<</Type/Page/Parent {pages} 0 R/MediaBox[0 0 {_number(width)} {_number(height)}]/Contents {stream} 0 R"
            f"/StructParents 0/Resources<</Font<<{fonts}>>/XObject<<{images}>>/ExtGState<<{states}>>>>>>",
        )
        self._put(pages, f"<</Type/Pages/Kids[{page} 0 R]/Count 1>>")
        self._put(
            catalogue,
            f"<</Type/Catalog/Pages {pages} 0 R/Lang(en)/MarkInfo<</Marked true>>/StructTreeRoot {tree} 0 R"
            "/ViewerPreferences<</DisplayDocTitle true>>>>",
        )
        self._put(tree, f"<</Type/StructTreeRoot/K {figure} 0 R/ParentTree {parents} 0 R>>")
        self._put(
            figure,
            f"<</Type/StructElem/S/Figure/P {tree} 0 R/Pg {page} 0 R/K 0/Alt{_words(self.display.alt)}"
            f"/A<</O/Layout/Placement/Block/BBox[0 0 {_number(width)} {_number(height)}]>>>>",
        )
        self._put(parents, f"<</Nums[0[{figure} 0 R]]>>")
        info = self._add(f"<</Title{_words(self.title)}/Producer(Callout)>>")
        return self._file(catalogue, info)

    def _content(self, scale: float, height: float) -> bytes:
        """What is drawn, in page pixels with y down."""
        parts = [
            "/Figure<</MCID 0>>BDC q",
            f"{_number(scale, 6)} 0 0 {_number(-scale, 6)} 0 {_number(height)} cm 1 j 1 J",
            f"{_ink(self.display.background)} rg 0 0 {self.display.width} {self.display.height} re f",
        ]
        for group in self.display.groups:
            parts += self._group(group)
        return "\n".join([*parts, "Q EMC"]).encode()

    def _group(self, group: Group) -> list[str]:
        parts = [f"q 1 0 0 1 {group.left} {group.top} cm 0 0 {group.width} {group.height} re W n"]
        for item in group.items:
            if isinstance(item, Image):
                parts.append(self._image(item))
            elif isinstance(item, Path):
                self.opacities.add(item.opacity)
                parts += _path(item)
            else:
                parts += self._text(item)
        return [*parts, "Q"]

    def _image(self, image: Image) -> str:
        import deflate

        rows, columns = image.pixels.shape[:2]
        space = "DeviceGray" if image.pixels.ndim == 2 else "DeviceRGB"
        data = bytes(deflate.zlib_compress(np.ascontiguousarray(image.pixels).tobytes(), LEVEL))
        kind = f"/Type/XObject/Subtype/Image/Width {columns}/Height {rows}/ColorSpace/{space}/BitsPerComponent 8"
        self.images.append(self._raw_stream(kind + "/Filter/FlateDecode/Interpolate false", data))
        place = f"{columns} 0 0 {-rows} {image.left} {image.top + rows} cm"
        return f"q {place} /I{len(self.images) - 1} Do Q"

    def _text(self, text: Text) -> list[str]:
        """Letters as text; their dark edge as lines, so that the words are in the file once."""
        used = self.used.setdefault(text.bold, {})
        numbers = [font.index_of(character, text.bold) for character in text.text]
        used.update(zip(numbers, text.text, strict=True))
        parts = []
        if text.halo_width:
            curves = " ".join(_curves(text))
            parts.append(f"{_ink(text.halo)} RG {_number(2 * text.halo_width)} w {curves} S")
        codes = "".join(f"{number:04x}" for number in numbers)
        parts.append(
            f"BT /F{int(text.bold)} {_number(text.size)} Tf {_ink(text.colour)} rg"
            f" 1 0 0 -1 {_number(text.x)} {_number(text.y)} Tm <{codes}> Tj ET"
        )
        return parts

    def _font(self, bold: bool) -> int:
        """A Type 0 font of the letters brought along, whole: glyph numbers as codes, and the characters they mean."""
        name, em, used = FONT_NAMES[bold], font.units_per_em(bold), self.used[bold]
        letters = font.face(bold)
        file = self._stream(f"/Length1 {len(font.data(bold))}", font.data(bold))
        thousandth = 1000 / em
        box = letters.bbox
        bounds = " ".join(_number(v * thousandth) for v in (box.xMin, box.yMin, box.xMax, box.yMax))
        high, low = _number(letters.ascender * thousandth), _number(letters.descender * thousandth)
        descriptor = self._add(
            f"<</Type/FontDescriptor/FontName/{name}/Flags 4/FontBBox[{bounds}]/ItalicAngle 0/Ascent {high}"
            f"/Descent {low}/CapHeight {high}/StemV {140 if bold else 80}/FontFile2 {file} 0 R>>"
        )
        widths = " ".join(
            f"{number}[{_number(font.glyph(character, bold).advance * thousandth)}]"
            for number, character in sorted(used.items())
        )
        cid = self._add(
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
            f"/Supplement 0>>/FontDescriptor {descriptor} 0 R/CIDToGIDMap/Identity/W[{widths}]>>"
        )
        meaning = self._stream("", _to_unicode(used))
        return self._add(
            f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H/DescendantFonts[{cid} 0 R]"
            f"/ToUnicode {meaning} 0 R>>"
        )

    def _room(self) -> int:
        self.objects.append(b"")
        return len(self.objects)

    def _put(self, number: int, body: str) -> None:
        self.objects[number - 1] = body.encode("latin-1")

    def _add(self, body: str) -> int:
        number = self._room()
        self._put(number, body)
        return number

    def _stream(self, entries: str, data: bytes) -> int:
        import deflate

        return self._raw_stream(f"{entries}/Filter/FlateDecode", bytes(deflate.zlib_compress(data, LEVEL)))

    def _raw_stream(self, entries: str, data: bytes) -> int:
        self.objects.append(f"<<{entries}/Length {len(data)}>>\nstream\n".encode() + data + b"\nendstream")
        return len(self.objects)

    def _file(self, catalogue: int, info: int) -> bytes:
        body, places = bytearray(HEADER), []
        for number, content in enumerate(self.objects, 1):
            places.append(len(body))
            body += b"%d 0 obj\n" % number + content + b"\nendobj\n"
        start, name = len(body), hashlib.sha256(body).hexdigest()[:32]
        body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
        body += b"".join(b"%010d 00000 n \n" % place for place in places)
        trailer = f"<</Size {len(places) + 1}/Root {catalogue} 0 R/Info {info} 0 R/ID[<{name}><{name}>]>>"
        return bytes(body) + f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode()


def _path(path: Path) -> list[str]:
    """Fill, edge and stroke in the order of the display list: the edge first, beneath the ink."""
    lines = " ".join(_line(contour, path.closed) for contour in path.contours if len(contour) > 1)
    if not lines:
        return []
    parts = []
    dash = f"[{' '.join(map(_number, path.dash))}] 0 d 0 J" if path.dash else ""
    if path.halo_width:
        width = path.width + 2 * path.halo_width
        parts.append(f"q {dash} {_ink(path.halo)} RG {_number(width)} w {lines} S Q")
    if path.fill is not None:
        parts.append(f"q /G{_percent(path.opacity)} gs {_ink(path.fill)} rg {lines} f Q")
    if path.stroke is not None and path.width:
        parts.append(f"q {dash} {_ink(path.stroke)} RG {_number(path.width)} w {lines} S Q")
    return parts


def _percent(opacity: float) -> int:
    return round(opacity * 1000)


def _line(contour: Contour, closed: bool) -> str:
    points = [f"{_number(x)} {_number(y)} {'l' if n else 'm'}" for n, (x, y) in enumerate(contour)]
    return " ".join([*points, "h"] if closed else points)


def _curves(text: Text) -> list[str]:
    """The outline of a line of text as cubic curves, page pixels."""
    parts = []
    for start, arcs in font.curves(text):
        parts.append(f"{_number(start[0])} {_number(start[1])} m")
        last = start
        for control, end in arcs:
            first = [last[axis] + 2 / 3 * (control[axis] - last[axis]) for axis in (0, 1)]
            second = [end[axis] + 2 / 3 * (control[axis] - end[axis]) for axis in (0, 1)]
            parts.append(" ".join(_number(v) for v in (*first, *second, *end)) + " c")
            last = end
        parts.append("h")
    return parts


def _to_unicode(used: dict[int, str]) -> bytes:
    """The CMap that gives back the characters of glyph numbers (ISO 32000-1, 9.10.3)."""
    pairs = [f"<{number:04x}> <{character.encode('utf-16-be').hex()}>" for number, character in sorted(used.items())]
    blocks: list[str] = []
    for at in range(0, len(pairs), 100):
        part = pairs[at : at + 100]
        blocks += [f"{len(part)} beginbfchar", *part, "endbfchar"]
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <ffff> endcodespacerange",
        *blocks,
        "endcmap CMapName currentdict /CMap defineresource pop end end",
    ]
    return "\n".join(lines).encode()


def _words(text: str) -> str:
    """A text string (ISO 32000-1, 7.9.2.2)."""
    return f"<{(chr(0xFEFF) + text).encode('utf-16-be', 'replace').hex()}>"


def _ink(colour: Colour) -> str:
    return " ".join(_number(part / 255) for part in colour)


def _number(value: float, digits: int = 3) -> str:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
