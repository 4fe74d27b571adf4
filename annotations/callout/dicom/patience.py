"""A file that is given up on: what a hostile header makes pydicom read has an end."""

from __future__ import annotations

from typing import BinaryIO

MOST_READS = 200_000  # of one header; an honest one takes some thousand


class Patience:
    """A file that lets itself be read only so often: a gigabyte of zeros is many elements to pydicom."""

    def __init__(self, file: BinaryIO) -> None:
        self.left, self._file = MOST_READS, file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        """As of a file; EOFError once it was asked too often."""
        self.left -= 1
        if self.left < 0:
            raise EOFError("it has no end")
        return self._file.read(size)
