"""Bytes → text: byte order marks, UTF-8, else Windows-1252; what is no text is refused."""

from __future__ import annotations

import codecs

from callout.errors import InputError

# A case report has some ten thousand characters. What is laid out may have ten times the longest; plain text and
# markup, which are read in time that grows with them and no faster, a thousand times as many.
LONGEST = 500_000
LONGEST_TEXT = 11_000_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Only these: Python knows "character sets" that unpack archives.
_CHARACTER_SETS_NAMES = """
    gb2312 gbk gb18030 big5 shift-jis euc-jp euc-kr koi8-r koi8-u windows-1250 windows-1251 windows-1253
    windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5
    iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-9 iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16
"""
_CHARACTER_SETS = frozenset(_CHARACTER_SETS_NAMES.split())
_PLAIN_CONTROLS = frozenset("\t\n\r\f\v\x1a\x85")


def decoded(data: bytes, name: str, *, declared: str | None = None, longest: int = LONGEST_TEXT) -> str:
    """The text that `data`, the bytes of the file `name`, encode, perhaps as the character set `declared`.

    What is UTF-8 is read as UTF-8, whatever it declares.

    Raises:
        InputError: nothing but white space, binary data, or more than `longest` characters.
    """
    text = _text(data, name, declared)
    if not text.strip("\ufeff \t\r\n\f\v\0"):
        raise InputError("the report is empty", name, "give the text of the report")
    controls = sum(1 for letter in text[:65536] if ord(letter) < 32 and letter not in _PLAIN_CONTROLS)
    if "\0" in text or controls > 2 + len(text[:65536]) // 100:
        raise InputError("the report is no text but binary data", name, "save it as plain text")
    if len(text) > longest:
        raise too_long(name)
    return text


def too_long(name: str) -> InputError:
    """The refusal of a text that no case report can have."""
    return InputError("the text is too long for a report", name, "give the case report alone")


def _text(data: bytes, name: str, declared: str | None) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if declared and declared.lower().replace("_", "-") in _CHARACTER_SETS:
        return data.decode(declared, "replace")
    # 0x81, 0x8D, 0x8F, 0x90 and 0x9D are no letters of Windows-1252: a few are damage, many another encoding.
    text = data.decode("cp1252", "replace")
    if text.count("\ufffd") > len(text) // 50:
        raise InputError("the report's text encoding is not known", name, "save it as UTF-8")
    return text
