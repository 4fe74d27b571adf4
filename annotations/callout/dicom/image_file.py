"""ImageFile: a file that holds images, open; where its frames lie and what its data set inflates to is found once."""

from __future__ import annotations

import os
import struct
import tempfile
import zlib
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.dicom.codestream import decode
from callout.dicom.fragments import Fragments, frame_of, frames_of, picture_of
from callout.dicom.header import INFLATE_LIMIT, Unreadable, read_header
from callout.dicom.meta import data_set_start
from callout.dicom.sources import open_file
from callout.dicom.syntaxes import DEFLATED
from callout.volume import StoredPixels

PIECE = 1 << 20  # bytes inflated at a time
CUT = "the file is cut: it ends inside PixelData"


class ImageFile:
    """Opened when it is first read; several threads may read at once. OSError where it can't be read."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = Lock()
        self._descriptor = -1
        self._inflated: Inflated | None = None
        self._decoding = Lock()
        self._mosaic: npt.NDArray[Any] | None = None
        self._pixel_data: int | None = None
        self._frames: tuple[tuple[int, int, int], list[Fragments]] | None = None

    def close(self) -> None:
        """Let go of the file; reading opens it again."""
        with self._lock:
            self._mosaic = self._pixel_data = self._frames = None
            if self._inflated is not None:
                self._inflated.close()
                self._inflated = None
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1

    def state(self) -> tuple[int, int]:
        """Size in bytes and time of the last change, ns."""
        status = os.fstat(self._open())
        return status.st_size, status.st_mtime_ns

    def fill(self, buffer: memoryview, place: StoredPixels) -> None:
        """Bytes of the (inflated) file from `place.offset` on; Unreadable where it ends before `buffer` is full."""
        descriptor, done = self._open(), 0
        if place.format.transfer_syntax == DEFLATED:
            descriptor = self._inflate(place.offset + len(buffer))
        while done < len(buffer):
            count = os.preadv(descriptor, [buffer[done:]], place.offset + done)
            if count == 0:
                raise Unreadable(CUT)
            done += count

    def words_from(self) -> int | None:
        """Where PixelData starts, of an explicit data set, if it is of words (OW)."""
        if self._pixel_data is None:
            self._pixel_data = read_header(self.path).pixel_offset or 0
        start = self._pixel_data
        return start if os.pread(self._open(), 2, max(0, start - 8)) == b"OW" else None

    def fill_from_words(self, buffer: memoryview, place: StoredPixels, start: int) -> None:
        """As `fill`, of bytes that lie two by two in words from `start` on, the first in the lower one (PS3.5 annex D).

        Another image of the file may begin in the middle of a word.
        """
        before = (place.offset - start) % 2
        words = np.empty((before + len(buffer) + 1) // 2, ">u2")
        self.fill(words.view(np.uint8).data, place._replace(offset=place.offset - before))
        buffer[:] = words.byteswap().view(np.uint8)[before : before + len(buffer)].data

    def decoded(self, place: StoredPixels) -> npt.NDArray[Any]:
        """The samples (rows, columns) of a compressed image; a mosaic is decoded once for all its tiles."""
        if not place.stride:
            return decode(self._frame(place), place.format)
        picture, row, column = picture_of(place)
        with self._decoding:
            if self._mosaic is None:
                self._mosaic = decode(self._frame(picture), picture.format)
            tile = self._mosaic[row : row + place.format.rows, column : column + place.format.columns]
        return tile.copy()

    def _frame(self, place: StoredPixels) -> bytes:
        """A compressed frame; where all of them lie is kept for the next one."""
        descriptor, written = self._open(), (place.offset, place.file_size, place.modified_ns)
        known = self._frames
        if known is None or known[0] != written:
            known = self._frames = written, frames_of(descriptor, place)
        return frame_of(descriptor, known[1], place.frame)

    def _open(self) -> int:
        with self._lock:
            if self._descriptor < 0:
                self._descriptor = open_file(self.path)
            return self._descriptor

    def _inflate(self, end: int) -> int:
        with self._lock:
            if self._inflated is None:
                self._inflated = Inflated(self._descriptor)
            return self._inflated.reach(end)


def check_inflates(path: str, end: int) -> None:
    """Inflates a deflated data set up to byte `end`: Unreadable where it is cut or damaged before."""
    try:
        descriptor = open_file(path)
        try:
            inflated = Inflated(descriptor)
            try:
                inflated.reach(end)
            finally:
                inflated.close()
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Unreadable(f"can't be read: {error.strerror or error}") from None


class Inflated:
    """A deflated data set (PS3.5 A.5) in an unnamed temporary file, inflated as far as it was asked for."""

    def __init__(self, descriptor: int) -> None:
        head = os.pread(descriptor, PIECE, 0)
        try:
            self._position = data_set_start(head)
        except struct.error:
            raise Unreadable(CUT) from None
        self._source, self._length = descriptor, 0
        self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # closed by `close`

    def close(self) -> None:
        """The temporary file goes."""
        self._file.close()

    def reach(self, end: int) -> int:
        """A descriptor of what is inflated, at least up to byte `end`; Unreadable where it ends or breaks before."""
        if end > INFLATE_LIMIT:
            raise Unreadable(f"its deflated data set is larger than {INFLATE_LIMIT >> 20} MiB")
        while self._length < end:
            piece = self._stream.unconsumed_tail
            if not piece:
                piece = os.pread(self._source, PIECE, self._position)
                self._position += len(piece)
            try:
                plain = self._stream.decompress(piece, PIECE)
            except zlib.error as error:
                raise Unreadable(f"its deflated data set is damaged ({error})") from None
            if not plain and (self._stream.eof or not piece):
                raise Unreadable("the file is cut: its deflated data set ends inside PixelData")
            self._length += len(plain)
            while plain:
                plain = plain[self._file.write(plain) :]
        return self._file.fileno()
