"""The display list as RGB pixels: FreeType makes coverage of fills and strokes, integers blend it.

FreeType's coverage and stroker are fixed-point and blending is done in integers, so the result depends on no processor.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.figures import font
from callout.figures.display import Bytes2D, Colour, Contour, Display, Image, Item, Path, Text
from callout.figures.outline import within_limit

Points = npt.NDArray[np.int64]
Piece = tuple[list[Points], bool]  # lines that are stroked together, and whether they are closed

MOST_POINTS = 30_000  # of one area: FreeType counts points in 16 bits
MOST_STROKED = 2_000  # of lines stroked together: the stroker makes up to a dozen of each
ROUND_CAP, BUTT_CAP, ROUND_JOIN = 1, 0, 0
RASTER_OVERFLOW = 0x62  # FreeType's name for its error


def rasterise(display: Display) -> Bytes2D:
    """The page as uint8 RGB (rows, columns, 3)."""
    page = np.empty((display.height, display.width, 3), np.uint8)
    for channel, level in enumerate(display.background):  # one after the other, which is quicker than all at once
        page[..., channel] = level
    with font.FREETYPE:
        for group in display.groups:
            panel = page[group.top : group.top + group.height, group.left : group.left + group.width]
            for item in group.items:
                draw(panel, item)
    return page


def draw(panel: Bytes2D, item: Item) -> None:
    """Draws one thing on a panel, uint8 RGB (rows, columns, 3), which is changed; what lies beyond it is cut."""
    if isinstance(item, Image):
        _place(panel, item)
    elif isinstance(item, Path):
        _draw_path(panel, item)
    else:
        _draw_text(panel, item)


def _place(page: Bytes2D, image: Image) -> None:
    """Pixels onto the page; what reaches beyond it is cut."""
    pixels = image.pixels if image.pixels.ndim == 3 else image.pixels[..., None]
    if image.left < 0 or image.top < 0:
        raise InputError(f"an image lies at ({image.left}, {image.top}), beyond the page's edge")
    target = page[image.top : image.top + pixels.shape[0], image.left : image.left + pixels.shape[1]]
    shown = pixels[: target.shape[0], : target.shape[1]]
    for channel in range(3):
        target[..., channel] = shown[..., channel % shown.shape[2]]


def _draw_path(page: Bytes2D, path: Path) -> None:
    reach = path.width + 2 * path.halo_width
    contours = [np.asarray(c, np.float64) for c in path.contours if len(c) > 1]
    contours = [c for c in contours if _is_on(page, c, reach)]
    if not contours:
        return
    lines = _dashed(contours, path) if path.dash else contours
    pieces = _pieces([_fixed(c, page.shape[0]) for c in lines], path.closed and not path.dash)
    if path.halo_width:
        _stroke(page, pieces, reach, path.halo, bool(path.dash))
    if path.fill is not None:
        most = max(8, MOST_POINTS // len(contours))
        filled = [_fixed(within_limit(c, most), page.shape[0]) for c in contours]
        _blend(page, Outline(filled), path.fill, round(path.opacity * 255))
    if path.stroke is not None and path.width:
        _stroke(page, pieces, path.width, path.stroke, bool(path.dash))


def _stroke(page: Bytes2D, pieces: Sequence[Piece], width: float, colour: Colour, butt: bool) -> None:
    for contours, closed in pieces:
        _blend(page, _stroked(Outline(contours), width, closed, butt), colour)


def _pieces(contours: Sequence[Points], closed: bool) -> list[Piece]:
    """Lines in portions that FreeType's stroker can count, long ones cut where their points allow."""
    pieces: list[Piece] = []
    room = 0
    for line in contours:
        if len(line) > MOST_STROKED:
            whole = np.concatenate([line, line[:1]]) if closed else line
            cuts = range(0, len(whole) - 1, MOST_STROKED)
            pieces += [([whole[cut : cut + MOST_STROKED + 1]], False) for cut in cuts]
            room = 0
        elif len(line) <= room:
            pieces[-1][0].append(line)
            room -= len(line)
        else:
            pieces.append(([line], closed))
            room = MOST_STROKED - len(line)
    return pieces


def _is_on(page: Bytes2D, points: npt.NDArray[np.float64], reach: float) -> bool:
    """Whether the box around points (n, 2) (x, y), grown by `reach`, meets the page."""
    low, high = points.min(0) - reach, points.max(0) + reach
    return bool((high >= 0).all() and low[0] <= page.shape[1] and low[1] <= page.shape[0])


def _draw_text(page: Bytes2D, text: Text) -> None:
    outline = _text_outline(text, page.shape[0])
    if outline is None:
        return
    if text.halo_width:
        _blend(page, _stroked(outline, 2 * text.halo_width, True), text.halo)
    _blend(page, outline, text.colour)


def _text_outline(text: Text, height: int) -> Outline | None:
    """The outline of a line of text on the page; None where it is blank."""
    scale, pen = text.size / font.units_per_em(text.bold), 0
    contours: list[Points] = []
    tags = b""
    for character in text.text:
        shape = font.glyph(character, text.bold)
        if len(shape.points):
            x = text.x + (shape.points[:, 0] + pen) * scale
            y = text.y - shape.points[:, 1] * scale
            placed = _fixed(np.stack([x, y], 1), height)
            contours += np.split(placed, [end + 1 for end in shape.ends[:-1]])
            tags += shape.tags
        pen += shape.advance
    return Outline(contours, tags) if contours else None


def _fixed(points: npt.ArrayLike, height: int) -> Points:
    """Page pixels (y down) as FreeType's 26.6 numbers (y up)."""
    page = np.asarray(points, np.float64)
    turned = np.stack([page[:, 0], height - page[:, 1]], 1)
    fixed: Points = np.floor(turned * 64 + 0.5).astype(np.int64)
    return fixed


def _dashed(contours: Sequence[npt.NDArray[np.float64]], path: Path) -> list[Contour]:
    """The pieces of the lines that carry ink."""
    pieces: list[Contour] = []
    for line in contours:
        points = np.concatenate([line, line[:1]]) if path.closed else line
        along = np.concatenate([[0.0], np.cumsum(np.sqrt((np.diff(points, axis=0) ** 2).sum(1)))])
        period, start, turn = sum(path.dash), 0.0, 0
        if period <= 0 or along[-1] <= 0:
            continue
        stretch = along[-1] / max(1, round(along[-1] / period)) / period if path.closed else 1.0
        while start < along[-1] - 1e-6:
            end = min(start + path.dash[turn % len(path.dash)] * stretch, float(along[-1]))
            if turn % 2 == 0:
                between = points[(along > start) & (along < end)]
                ends = [[np.interp(s, along, points[:, axis]) for axis in (0, 1)] for s in (start, end)]
                pieces.append(tuple((float(x), float(y)) for x, y in [ends[0], *between.tolist(), ends[1]]))
            start, turn = end, turn + 1
    return pieces


class Outline:
    """A FreeType outline and the memory it points into."""

    def __init__(self, contours: Sequence[Points], tags: bytes | None = None) -> None:
        count = sum(map(len, contours))
        self._reserve(count, len(contours))
        data = np.ascontiguousarray(np.concatenate(contours))
        if ctypes.sizeof(ctypes.c_long) == 4:  # Windows: FreeType's positions are C longs
            data = data.astype(np.int32)
        ctypes.memmove(self._points, data.ctypes.data, data.nbytes)
        ctypes.memmove(self._tags, tags or b"\1" * count, count)
        self._ends[:] = (np.cumsum([len(c) for c in contours]) - 1).tolist()
        self.raw.n_points, self.raw.n_contours = count, len(contours)

    @classmethod
    def empty(cls, points: int, contours: int) -> Outline:
        """Room for `points` and `contours` that FreeType will fill."""
        outline = cls.__new__(cls)
        outline._reserve(points, contours)
        return outline

    def _reserve(self, points: int, contours: int) -> None:
        from freetype.raw import FT_Outline, FT_Vector

        if max(points, contours) > 32_767:
            raise InputError(f"a path has {points} points: FreeType holds 32767 at most")
        self._points: Any = (FT_Vector * points)()
        self._tags: Any = (ctypes.c_ubyte * points)()
        self._ends: Any = (ctypes.c_short * contours)()
        self.raw: Any = FT_Outline()
        self.raw.points, self.raw.flags = self._points, 0
        self.raw.tags = ctypes.cast(self._tags, type(self.raw.tags))
        self.raw.contours = ctypes.cast(self._ends, type(self.raw.contours))


def _checked(error: int, what: str) -> None:
    if error:
        raise InputError(f"FreeType could not {what} (error {error})")


def _stroked(outline: Outline, width: float, closed: bool, butt: bool = False) -> Outline:
    """The outline of a line of `width` page pixels along `outline`, with round joins."""
    import freetype
    from freetype import raw

    stroker = raw.FT_Stroker()
    _checked(raw.FT_Stroker_New(freetype.get_handle(), ctypes.byref(stroker)), "make a stroker")
    try:
        cap = BUTT_CAP if butt else ROUND_CAP
        raw.FT_Stroker_Set(stroker, max(1, round(width * 32)), cap, ROUND_JOIN, 0)
        _checked(raw.FT_Stroker_ParseOutline(stroker, ctypes.byref(outline.raw), not closed), "stroke a path")
        points, contours = raw.FT_UInt(), raw.FT_UInt()
        _checked(raw.FT_Stroker_GetCounts(stroker, ctypes.byref(points), ctypes.byref(contours)), "count a stroke")
        line = Outline.empty(points.value, contours.value)
        raw.FT_Stroker_Export(stroker, ctypes.byref(line.raw))
    finally:
        raw.FT_Stroker_Done(stroker)
    return line


def _coverage(outline: Outline, width: int, height: int) -> tuple[int, int, Bytes2D] | None:
    """(left, top, coverage 0…255) of the part of an outline that lies on the page; None where none does."""
    from freetype import raw

    box = raw.FT_BBox()
    raw.FT_Outline_Get_CBox(ctypes.byref(outline.raw), ctypes.byref(box))
    left, low = max(0, box.xMin >> 6), max(0, box.yMin >> 6)
    right, high = min(width, (box.xMax + 63) >> 6), min(height, (box.yMax + 63) >> 6)
    if right <= left or high <= low:
        return None
    return left, height - high, _filled(outline, (left, low, right, high))


def _filled(outline: Outline, box: tuple[int, int, int, int]) -> Bytes2D:
    """Coverage of a box (left, low, right, high; y up); halved where FreeType runs out of its own room."""
    import freetype
    from freetype import raw

    left, low, right, high = box
    cover = np.zeros((high - low, right - left), np.uint8)
    bitmap = raw.FT_Bitmap()
    bitmap.rows, bitmap.width, bitmap.pitch = cover.shape[0], cover.shape[1], cover.shape[1]
    bitmap.buffer = ctypes.cast(cover.ctypes.data, type(bitmap.buffer))
    bitmap.num_grays, bitmap.pixel_mode = 256, 2
    raw.FT_Outline_Translate(ctypes.byref(outline.raw), -left * 64, -low * 64)
    error = raw.FT_Outline_Get_Bitmap(freetype.get_handle(), ctypes.byref(outline.raw), ctypes.byref(bitmap))
    raw.FT_Outline_Translate(ctypes.byref(outline.raw), left * 64, low * 64)
    if error == RASTER_OVERFLOW and max(cover.shape) > 1:
        if right - left > high - low:
            middle = (left + right) // 2
            parts = [_filled(outline, (left, low, middle, high)), _filled(outline, (middle, low, right, high))]
            return np.concatenate(parts, 1)
        middle = (low + high) // 2
        return np.concatenate(
            [_filled(outline, (left, middle, right, high)), _filled(outline, (left, low, right, middle))]
        )
    _checked(error, "fill a path")
    return cover


def _blend(page: Bytes2D, outline: Outline, colour: Colour, opacity: int = 255) -> None:
    """Lays `colour` over the page where the outline covers it; integers only. opacity: 0…255."""
    found = _coverage(outline, page.shape[1], page.shape[0])
    if found is None:
        return
    left, top, cover = found
    target = page[top : top + cover.shape[0], left : left + cover.shape[1]]
    inked = np.flatnonzero(cover != 0)
    rows, columns = np.divmod(inked, cover.shape[1])
    part = (cover.ravel()[inked].astype(np.int32)[:, None] * opacity + 127) // 255
    under = target[rows, columns].astype(np.int32)
    target[rows, columns] = ((under * (255 - part) + np.array(colour, np.int32) * part + 127) // 255).astype(np.uint8)
