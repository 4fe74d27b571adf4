"""What a structured report draws (PS3.3 C.18.6, C.18.9), on the series of a case: marks, and outlines of regions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from callout.dicom.tags import ENHANCED
from callout.exports.loaded import LoadedMark, Outline
from callout.exports.sr_tree import children, reference
from callout.volume import Series

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

Floats = npt.NDArray[np.float64]
MOST_POINTS = 500_000  # of all drawings of a report
MOST_MARKS = 2000  # of a report, outlines too
MOST_DOTS = 100  # of one MULTIPOINT
NEAR = 0.5  # of the way to the next slice: so far off a slice what is drawn in the patient still lies on it


class Drawing:
    """Reads drawings, one group after the other; the limits are those of the whole report."""

    def __init__(self, series: Sequence[Series]) -> None:
        self._series = series
        self._images: dict[str, list[tuple[Series, int]]] = {}
        for one in series:
            for k, instance in enumerate(one.instances):
                self._images.setdefault(instance.sop_instance_uid, []).append((one, k))
        self._points = self._marks = 0
        self.begin()

    def begin(self, *, angle: bool = False) -> None:
        """Forget what the last group drew. angle: the next one measures one, so that two lines that meet are it."""
        self._angle = angle
        self.outlines: list[Outline] = []
        self.marks: list[LoadedMark] = []
        self.axes: list[LoadedMark] = []
        self.left_out: list[str] = []

    def draw(self, item: Dataset, *, of_axis: bool = False) -> None:
        """Take over a SCOORD or SCOORD3D; what can't be is named in `left_out`."""
        kind = str(item.get("GraphicType") or "")
        size = 3 if item.get("ValueType") == "SCOORD3D" else 2
        data = np.array(item.get("GraphicData") if item.get("GraphicData") is not None else [], np.float64).reshape(-1)
        self._points += len(data) // size
        if not len(data) or len(data) % size or not np.isfinite(data).all() or np.abs(data).max() > 1e6:
            self.left_out.append(f"a {kind} has no points, or points that are nowhere (GraphicData)")
            return
        if self._points > MOST_POINTS or self._marks >= MOST_MARKS:
            self.left_out.append(f"a {kind} beyond {MOST_POINTS} points or {MOST_MARKS} drawings is not taken over")
            return
        self._marks += 1
        points = data.reshape(-1, size)
        found = self._in_patient(item, points) if size == 3 else self._on_image(item, points)
        if found is not None:
            self._take(kind, *found, of_axis)

    def _on_image(self, item: Dataset, points: Floats) -> tuple[Series, int, Floats] | None:
        """Series, slice and (n, 2) voxels (row, column) of (column, row) pixels on an image."""
        images = [
            found for child in children(item) if child.get("ValueType") == "IMAGE" and (found := reference(child))
        ]
        if len(images) != 1:
            self.left_out.append("a drawing on no image, or on several, is not taken over")
            return None
        uid, frames, _ = images[0]
        slices = self._images.get(uid, [])
        if frames and any(one.sop_class_uid in ENHANCED for one, _ in slices):
            slices = [(one, k) for one, k in slices if one.instances[k].frame in frames]
        if len(slices) != 1:
            what = "that the case does not have" if not slices else "without its one frame (ReferencedFrameNumber)"
            self.left_out.append(f"a drawing on image {uid[:64]} {what} is not taken over")
            return None
        return (*slices[0], points[:, ::-1] - 0.5)

    def _in_patient(self, item: Dataset, points: Floats) -> tuple[Series, int, Floats] | None:
        """The slice that points (n, 3) in LPS mm lie on, of the series that is nearest to them, and voxels there."""
        frame = str(item.get("ReferencedFrameOfReferenceUID") or "")
        best: tuple[float, Series, int, Floats] | None = None
        for one in self._series:
            if not frame or one.grid.frame_of_reference_uid != frame:
                continue
            voxels = one.grid.indices(points)
            k = round(float(voxels[:, 0].mean()))
            off = float(np.abs(voxels[:, 0] - k).max())
            if 0 <= k < one.grid.shape[0] and off <= NEAR and (best is None or off < best[0]):
                best = off, one, k, voxels[:, 1:]
        if best is None:
            self.left_out.append("a drawing in the patient that lies on no one slice of the case is not taken over")
            return None
        return best[1:]

    def _take(self, kind: str, series: Series, k: int, voxels: Floats, of_axis: bool) -> None:
        closed = len(voxels) > 3 and bool(np.allclose(voxels[0], voxels[-1], atol=1e-3))
        if (kind == "POLYLINE" and closed) or (kind == "POLYGON" and len(voxels) > 2):
            self.outlines.append(Outline(series.id, k, voxels))
        elif kind == "POLYLINE" and len(voxels) == 2:
            self._mark("calipers", series, k, voxels, of_axis)
        elif kind == "POLYLINE" and len(voxels) == 3 and self._angle:
            self._mark("angle", series, k, voxels, of_axis)
        elif kind in ("POINT", "MULTIPOINT") and len(voxels) <= MOST_DOTS:
            for one in voxels:
                self._mark("point", series, k, one[None], of_axis)
        elif kind == "CIRCLE" and len(voxels) == 2:
            radius = float(np.linalg.norm(voxels[1] - voxels[0]))
            self._mark("ellipse", series, k, voxels[0] + np.array([(0, 0), (0, radius), (radius, 0)]), of_axis)
        elif kind == "ELLIPSE" and len(voxels) == 4:
            self._mark("ellipse", series, k, np.array([voxels[:2].mean(axis=0), voxels[1], voxels[3]]), of_axis)
        else:
            self.left_out.append(f"a {kind} of {len(voxels)} points is not taken over")

    def _mark(self, kind: str, series: Series, k: int, voxels: Floats, of_axis: bool) -> None:
        points = series.grid.points(np.column_stack([np.full(len(voxels), k), voxels]))
        mark = LoadedMark(series.id, kind, tuple(tuple(point) for point in points.round(4).tolist()))
        among = self.axes if of_axis else self.marks
        known = [(one.series_id, one.kind, set(one.points)) for one in (*self.axes, *self.marks)]
        if (mark.series_id, mark.kind, set(mark.points)) not in known:
            among.append(mark)
