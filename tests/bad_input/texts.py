"""Texts that act on whatever shows them: terminals, markup, spreadsheets, formats, paths, and character sets."""

from __future__ import annotations

from pathlib import Path

from made_series import series, setting

from bad_input.raw import put
from bad_input.row import FOUR, BadInput, Make, edited

TEXTS = {
    "terminal": "\x1b[2J\x1b]0;owned\x07\x1b[31m",
    "C1 controls": "a\x9b2Jb\x85c",
    "newlines": "a\r\nb\nc\td",
    "markup": "<script>alert(1)</script><img src=x onerror=y>",
    "rich markup": "[bold red]x[/bold red][link=http://x]y[/link]",
    "formula": "=cmd|' /C calc'!A0",
    "format": "{0.__class__} %s %n ${HOME} {{x}}",
    "shell": "$(touch x); `touch y` | rm -rf ~",
    "right to left": "abc\u202egpj.exe",
    "path": "../../../../tmp/owned",
    "drive": "C:\\Windows\\System32",
    "device": "CON",
    "NUL": "a\0b",
    "nothing but dots": "..",
    "long": "x" * 20_000,
}
PLACES = ("SeriesDescription", "StudyDescription", "ConvolutionKernel", "ProtocolName", "Manufacturer")
UIDS = {
    "up": b"../../../../tmp/owned",
    "absolute": b"/tmp/owned",
    "a dot": b".",
    "spaces": b" 1.2 .3",
    "10,000 characters": b"1." * 5000,
    "terminal": b"\x1b[2J1.2",
    "markup": b"<b>1</b>",
    "hash": b"1.2#3#te=4",
    "newline": b"1.2\n3",
    "NUL": b"1\0.2",
    "of no alphabet": b"\xff\xfe",
}
CHARSETS = (
    b"ISO_IR 999",
    b"\\\\\\",
    b"ISO 2022 IR 87\\ISO 2022 IR 149",
    b"utf-8",
    b"\xff\xfe",
    b"x" * 5000,
    b"idna",
    b"hex",
)


def text(value: str) -> Make:
    def edit(data: bytes) -> bytes:
        for keyword in PLACES:
            data = put(keyword, value.encode("utf-8", "replace")[:60_000])(data)
        return put("SpecificCharacterSet", b"ISO_IR 192")(data)

    return edited(edit, only=None)


def charset(name: bytes) -> Make:
    def edit(data: bytes) -> bytes:
        data = put("SeriesDescription", b"\x1b$B\x1b(J\xff\xfe\xc3\x28 \x1b$)C\xb1")(data)
        return put("SpecificCharacterSet", name)(data)

    return edited(edit, only=None)


def same_slug(folder: Path) -> None:
    """Two series whose names differ only in what a file name can't hold."""
    series(folder, change=setting(SeriesDescription="a/b"))
    series(folder, change=setting(SeriesDescription="a:b"), name="b")


ROWS: tuple[BadInput, ...] = (
    BadInput(
        "texts that act on what shows them",
        "load",
        {name: text(value) for name, value in TEXTS.items()},
        stacks=FOUR,
    ),
    BadInput(
        "UIDs that are none",
        "load",
        {
            f"{keyword} {name}": edited(put(keyword, value), only=None)
            for keyword in ("SeriesInstanceUID",)
            for name, value in UIDS.items()
        }
        | {
            f"{keyword} {name}": edited(put(keyword, UIDS[name]), only=None)
            for keyword in ("StudyInstanceUID", "FrameOfReferenceUID")
            for name in ("up", "10,000 characters", "terminal")
        },
        stacks=FOUR,
    ),
    BadInput(
        "character sets that are none",
        "load",
        {repr(name[:40]): charset(name) for name in CHARSETS},
        stacks=FOUR,
    ),
    BadInput("names that are one file name", "load", {"": same_slug}, stacks=FOUR * 2),
    BadInput(
        "a bad value says so and shows itself escaped",
        "skip",
        {
            "terminal": edited(put("PixelSpacing", b"\x1b[2J\x07\\\x9b1")),
            "newline": edited(put("RescaleSlope", b"1\n2")),
            "format": edited(put("RescaleIntercept", b"{0}%s%n")),
            "markup": edited(put("PhotometricInterpretation", b"<b>RGB</b>")),
            "long": edited(put("PixelSpacing", b"9" * 60_000)),
        },
        "PixelSpacing|Rescale|PhotometricInterpretation",
        "a-1.dcm",
        ((3, 6, 5),),
    ),
)
