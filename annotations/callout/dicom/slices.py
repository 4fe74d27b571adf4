"""Slices of a series, read from their files one by one, each checked to be the image that was found."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.dicom.header import Unreadable, read_header
from callout.dicom.image import Image, images_of
from callout.dicom.image_file import ImageFile
from callout.dicom.pixels import read_into, whole
from callout.dicom.walker import Layouts
from callout.errors import InputError
from callout.volume import Instance, Series, StoredPixels

THREADS = min(4, max(2, os.cpu_count() or 2))
AT_ONCE = 1 << 24  # pixels that are decoded at the same time, a slice at least
KEPT_OPEN = 16  # files of several frames that stay open between them
FREE_MEMORY = "close other programs, or take a smaller series"
SAME_MM = 0.01
SAME_STEP = 1e-3  # relative


class _Shared(ImageFile):
    """A file that several slices lie in: how many are being read now, and how many are still to come."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.readers = 0
        self.reading_header = Lock()
        self.images: dict[int, Image] | None = None  # by frame, where the header had to be read again


class Slices:
    """Reads slices of `series`; several threads may at once. A file is open while slices of it are to come.

    wanted: the slices that will be read, each once; all of them unless given.
    """

    def __init__(self, series: Series, wanted: Iterable[int] | None = None) -> None:
        self._series = series
        self._wanted = tuple(range(len(series.instances)) if wanted is None else wanted)
        self._left = self._still()
        self._files: dict[str, _Shared] = {}
        self._lock = Lock()
        self._layouts = Layouts()

    def dtype(self) -> np.dtype[Any]:
        """int16 where no header says that values don't fit; reading raises Overflow where they don't all the same."""
        formats = {instance.stored.format for instance in self._series.instances if instance.stored is not None}
        return np.dtype(np.int16 if all(map(whole, formats)) else np.float32)

    def read(self, k: int, into: npt.NDArray[Any]) -> None:
        """The values of slice `k`, after rescale, into `into` (rows, columns), int16 or float32, contiguous.

        InputError, naming the file, where it is gone, cut, damaged or another than when it was found; Overflow.
        """
        instance = self._series.instances[k]
        try:
            with self._file(instance.path) as file:
                read_into(file, self._place(k, instance, file), into)
        except Unreadable as reason:
            raise InputError(str(reason), instance.path, "re-export the series, or take that file out") from None
        except MemoryError:
            raise InputError(f"there is no memory to read slice {k}", instance.path, FREE_MEMORY) from None
        except FileNotFoundError as error:
            what = f"can't read slice {k} ({error.strerror})"
            raise InputError(what, instance.path, "bring the folder back to where it was") from None
        except OSError as error:
            what = f"can't read slice {k} ({error.strerror or error})"
            raise InputError(what, instance.path, "check the medium and who may read it") from None

    def begin_again(self) -> None:
        """All that is wanted will be read once more."""
        with self._lock:
            self._left = self._still()

    def _still(self) -> Counter[str]:
        return Counter(self._series.instances[k].path for k in self._wanted)

    def close(self) -> None:
        """Let go of what is still open; no thread may be reading."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    @contextmanager
    def _file(self, path: str) -> Iterator[_Shared]:
        with self._lock:
            file = self._files.get(path)
            if file is None:
                file = self._files[path] = _Shared(path)
            file.readers += 1
        try:
            yield file
        finally:
            with self._lock:
                file.readers -= 1
                self._left[path] -= 1
                if not file.readers and (self._left[path] <= 0 or len(self._files) > KEPT_OPEN):
                    del self._files[path]
                    file.close()

    def _place(self, k: int, instance: Instance, file: _Shared) -> StoredPixels:
        """How slice `k` is stored: as found, where its file is unchanged since; else from its header again."""
        known, state = instance.stored, file.state()
        if known is not None and state == (known.file_size, known.modified_ns):
            return known
        with file.reading_header:
            if file.images is None:
                found = images_of(read_header(file.path, self._layouts))
                file.images = {image.frame: image for image in found}
        image = file.images.get(instance.frame)
        if image is None or not self._is_slice(k, instance, image):
            raise InputError("another image is in its place now", instance.path, "find the series again")
        return image.stored

    def _is_slice(self, k: int, instance: Instance, image: Image) -> bool:
        """Whether `image` is what was found as slice `k`: the same instance, size, place and rescale."""
        grid, form, known = self._series.grid, image.form, instance.stored
        if instance.sop_instance_uid and image.sop_instance_uid != instance.sop_instance_uid:
            return False
        if (form.pixels.rows, form.pixels.columns) != grid.shape[1:]:
            return False
        rescale = form.pixels.slope, form.pixels.intercept
        if known is not None and rescale != (known.format.slope, known.format.intercept):
            return False
        rows, columns = form.spacing
        steps = (grid.row_step, form.along_column, rows), (grid.column_step, form.along_row, columns)
        return float(np.abs(grid.origins[k] - image.position).max()) <= SAME_MM and all(
            float(np.abs(step / length - direction).max()) <= SAME_STEP for step, direction, length in steps
        )


def threads_for(series: Series) -> int:
    """How many threads may read a series at once: fewer where its slices are huge."""
    _, rows, columns = series.grid.shape
    return max(1, min(THREADS, len(series.instances), AT_ONCE // (rows * columns)))


def room_for(series: Series, shape: tuple[int, ...], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Zeros; InputError where there is no memory for them."""
    try:
        return np.zeros(shape, dtype)
    except MemoryError:
        size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        raise InputError(f"its voxels need {size / (1 << 30):.1f} GiB of memory", series.id, FREE_MEMORY) from None
