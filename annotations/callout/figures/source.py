"""Where a recipe finds its pixels, masks and pictures: an open case."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.figures.display import Bytes2D
from callout.figures.panel import Mask
from callout.figures.snapshot import Known
from callout.geometry import Grid
from callout.masks import Mask as RegionMask
from callout.volume import Series, Volume

if TYPE_CHECKING:
    from PIL.Image import Image as PictureFile

LARGEST_PICTURE = 100_000_000  # pixels
TURNING = (b"eXIf", b"Raw profile type", b"adobe.xmp")  # in a PNG that may say that it lies on its side
ORIENTATION, LYING = 0x0112, (5, 6, 7, 8)  # of Exif: the tag, and its values where rows are columns


class CaseSource:
    """The images of a case, read when they are asked for, each volume once. Also a `Source` of recipes.

    volumes: those that are loaded already, by series.
    """

    def __init__(self, case: Known, volumes: Mapping[str, Volume] | None = None) -> None:
        self.case = case
        self._volumes: dict[str, Volume] = dict(volumes or {})

    @property
    def loaded(self) -> Mapping[str, Volume]:
        """The volumes that are loaded, by series."""
        return self._volumes

    def series(self, series_id: str) -> Series:
        """The facts of a series."""
        return self.case.series_of(series_id)

    def volume(self, series_id: str) -> Volume:
        """All voxels of a series."""
        from callout.dicom import load

        if series_id not in self._volumes:
            self._volumes[series_id] = load(self.series(series_id))
        return self._volumes[series_id]

    def pixels(self, series_id: str, k: int) -> npt.NDArray[np.generic]:
        """(rows, columns) native values of slice k, after rescale."""
        from callout.dicom import load_slice

        loaded = self._volumes.get(series_id)
        return loaded.voxels[k] if loaded else load_slice(self.series(series_id), k)

    def mask(self, region_id: str, series_id: str, k: int) -> Mask | None:
        """Bool (rows, columns) of a region on slice k; where it was drawn on another series, where it cuts this one.

        A region of another frame of reference has no place here: None.
        """
        region = self.case.region(region_id)
        if region.series_id == series_id:
            plane: Mask = self.case.region_mask(region).slice(k)
            return plane if plane.any() else None
        home, target = self.series(region.series_id).grid, self.series(series_id).grid
        if not home.frame_of_reference_uid or home.frame_of_reference_uid != target.frame_of_reference_uid:
            return None
        mask = self.case.region_mask(region)
        rows, columns = np.meshgrid(np.arange(target.shape[1]), np.arange(target.shape[2]), indexing="ij")
        points = target.points(np.stack([np.full_like(rows, k), rows, columns], axis=-1))
        at = np.rint(home.indices(points)).astype(np.int64) - mask.low
        inside = ((at >= 0) & (at < mask.crop.shape)).all(axis=-1)
        cut = np.zeros(rows.shape, bool)
        cut[inside] = mask.crop[tuple(at[inside].T)]
        return cut if cut.any() else None

    def region(self, region_id: str) -> tuple[RegionMask, Grid]:
        """A region's mask, and the grid of the series it was drawn on."""
        region = self.case.region(region_id)
        return self.case.region_mask(region), self.series(region.series_id).grid

    def picture(self, name: str) -> Bytes2D:
        """uint8 RGB (rows, columns, 3) of an image file of the case, upright as a viewer of pictures shows it."""
        from PIL import Image, ImageOps

        with self._opened(name) as picture:
            upright = ImageOps.exif_transpose(picture)
            if upright.mode.startswith("I;16"):  # which `convert` would clip to white
                upright = Image.fromarray((np.asarray(upright) >> 8).astype(np.uint8))
            if upright.has_transparency_data:  # on paper
                upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright.convert("RGBA"))
            return np.asarray(upright.convert("RGB"))

    def picture_shape(self, name: str) -> tuple[int, int]:
        """(rows, columns) of a picture, upright; its pixels are read only where it can't be told without them."""
        with self._opened(name) as picture:
            columns, rows = picture.size
            data = self.case.pictures[name].data
            if picture.format == "PNG" and not any(word in data for word in TURNING):
                return rows, columns  # Pillow would read all of it, looking for what turns it
            facts = picture.getexif()
            is_turned = picture.format == "TIFF" and (facts.get(256), facts.get(257)) != (columns, rows)  # by Pillow
            return (columns, rows) if facts.get(ORIENTATION) in LYING and not is_turned else (rows, columns)

    @contextmanager
    def _opened(self, name: str) -> Iterator[PictureFile]:
        """A picture file of the case; InputError for whatever goes wrong with it."""
        from PIL import Image, UnidentifiedImageError

        if name not in self.case.pictures:
            raise InputError("the case has no such picture", name, "see `callout show`")
        data = io.BytesIO(self.case.pictures[name].data)
        try:
            with warnings.catch_warnings(action="ignore"), Image.open(data) as picture:  # of sizes and of odd tags
                if picture.width * picture.height > LARGEST_PICTURE:
                    raise InputError("the picture is too large", name, "make it smaller")
                yield picture
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError("the picture can't be read", name, "save it again as PNG") from error
