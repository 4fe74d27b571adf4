"""A PDF's fonts: which letters its codes show, and how wide they are (ISO 32000-2, clauses 9.2.4, 9.3.3 and 9.10.2)."""

from __future__ import annotations

from typing import Any

from callout.reports.symbols import PRIVATE

UNKNOWN = "\ufffd"  # a code of which the file does not say what letter it shows
_LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "ft",
    0xFB06: "st",
}
_SIGNS: dict[int, str] = dict.fromkeys((*range(32), 0x7F, 0xA0), " ") | _LIGATURES | PRIVATE
# Ghostscript 9.54 to 10.0 writes ligatures with their bytes swapped, the last two letters of three as their sum.
_SWAPPED = {"\u6600": "f", "\u6900": "i", "\u6c00": "l", "\ucf00": "fi", "\ud200": "fl"}
# TeX's bitmap fonts (Type 3) tell codes only; these are the ligatures and dashes of its two Latin encodings.
_TEX = dict(zip(range(11, 16), ("ff", "fi", "fl", "ffi", "ffl"), strict=True))
_TEX |= dict(zip(range(27, 32), ("ff", "fi", "fl", "ffi", "ffl"), strict=True)) | {21: "\u2013", 22: "\u2014"}


class Glyphs(dict[str, tuple[str, float, bool]]):
    """A font's letters by code: (text, width in thousandths of the size, whether word spacing is added to it).

    Word spacing goes with the single-byte code 32, which a subset of a font may use for any letter.
    """

    def __init__(self, resource: Any) -> None:
        from pypdf.generic._font import Font

        super().__init__()
        self.font: Any = Font.from_font_resource(resource)
        self.name = str(self.font.name)
        self.simple = not isinstance(self.font.encoding, str)
        self.bitmap = resource.get("/Subtype") == "/Type3" and "/ToUnicode" not in resource
        self.silent = not self.simple and "/ToUnicode" not in resource and _tells_no_letters(resource.get("/Encoding"))
        self.scale, self.widths = _own_widths(resource) if self.simple else (1.0, {})

    def codes(self, string: Any) -> str:
        """The codes of a string in this font."""
        data = string if isinstance(string, bytes) else str(string).encode("latin-1", "replace")
        return data.decode("latin-1") if self.simple else _decoded(data, self.font.encoding)

    def __missing__(self, code: str) -> tuple[str, float, bool]:
        width = self.widths.get(code)
        if width is None:
            width = self.scale * float(self.font.get_text_width(code))
        self[code] = self._letter(code), width, self.simple and code == " "
        return self[code]

    def _letter(self, code: str) -> str:
        letter = self.font.character_map.get(code)
        if letter is None and self.simple:
            letter = self.font.encoding.get(ord(code), code)
            if self.bitmap and letter == code:
                letter = _TEX.get(ord(code), letter)
            elif letter.startswith("/") and len(letter) > 1:
                letter = _named(letter[1:])
        elif letter is None:
            letter = UNKNOWN if self.silent else code
        if len(letter) > 1 and all(sign in _SWAPPED for sign in letter):
            letter = "".join(_SWAPPED[sign] for sign in letter)
        shown = str(letter).translate(_SIGNS)
        return shown.encode("utf-8", "ignore").decode()  # a half of a pair is no letter


def _named(name: str) -> str:
    """The letters that a glyph's name tells: "f_f_i" or "a.sc", as Adobe's list has it."""
    from pypdf._codecs import adobe_glyphs

    letters = [adobe_glyphs.get(f"/{part}") for part in name.partition(".")[0].split("_")]
    return "".join(letter or UNKNOWN for letter in letters)


def _tells_no_letters(encoding: Any) -> bool:
    """Whether the codes of a composite font are numbers of its own glyphs."""
    return not isinstance(encoding, str) or encoding in ("/Identity-H", "/Identity-V")


def _own_widths(resource: Any) -> tuple[float, dict[str, float]]:
    """What a glyph's unit is in thousandths of the size, and the widths that a simple font tells, by code."""
    scale = 1.0
    if resource.get("/Subtype") == "/Type3":
        scale = 1000 * abs(float(resource["/FontMatrix"][0]))
    widths = resource.get("/Widths")
    widths = widths.get_object() if widths is not None else ()
    first = int(resource.get("/FirstChar", 0))
    told = {}
    for code, width in zip(range(first, 256), widths if isinstance(widths, list) else (), strict=False):
        value = width.get_object() if hasattr(width, "get_object") else width
        if code >= 0 and isinstance(value, (int, float)):
            told[chr(code)] = scale * float(value)
    return scale, told


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding, "surrogatepass")
    except (UnicodeDecodeError, LookupError):
        return data.decode("utf-16-be", "replace")
