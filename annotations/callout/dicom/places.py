"""Places: where the images of one series lie, LPS mm: planes, sizes, tilts, lines of slices, levels."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from callout.dicom.facts import lenient
from callout.dicom.header import Unreadable
from callout.dicom.image import Form, Image
from callout.geometry import plane_of

SAME_DIRECTION = 1e-3  # as components of unit vectors: what files that round differently differ by
EXACT_DIRECTION = 3e-4  # 0.1 mm over a field of 350 mm: beyond it the difference is worth a word
SAME_SPACING = 1e-4  # relative
SAME_TILT_DEG = 0.25
SAME_HEIGHT_MM = 0.01
SAME_FIELD_MM = 0.5  # images at one height whose first voxels are closer show one field of view
MOST_GROUPS = 1000  # stacks of one series that differ in how they lie
LINE_MM = 0.2  # origins of one block are this close to a straight line
SLICES_IN_BLOCK = 3  # on average, at least; fewer are noise

Floats = npt.NDArray[np.float64]


class Part(NamedTuple):
    """Some images of a stack, and what they are called; `block`: their display set's name for them."""

    label: str
    images: list[Image]
    block: str


def parts_of(groups: Sequence[tuple[str, list[Image]]]) -> list[Part]:
    """Parts that are display sets of their own."""
    return [Part(label, images, label) for label, images in groups]


def common_form(images: Sequence[Image]) -> Form:
    """The form that most images have: files may round one orientation differently."""
    first = images[0].form
    if all(image.form is first for image in images):
        return first
    return Counter(image.form for image in images).most_common(1)[0][0]


def heights_of(images: Sequence[Image]) -> list[float]:
    """mm of each image along the normal that most of them have."""
    form = common_form(images)
    if all(image.form is form for image in images):
        return [image.height for image in images]
    x, y, z = form.normal
    return [image.position[0] * x + image.position[1] * y + image.position[2] * z for image in images]


def levels_of(images: Sequence[Image], within: float = SAME_HEIGHT_MM) -> list[list[Image]]:
    """Images by position along the normal, ascending; those at one position are together, in the order of files.

    within: mm from the first of a level that still are on it.
    """
    levels: list[list[Image]] = []
    start = 0.0
    ordered = sorted(zip(heights_of(images), images, strict=True), key=lambda pair: (pair[0], pair[1].path))
    for height, image in ordered:
        if levels and height - start < within:
            levels[-1].append(image)
        else:
            levels.append([image])
            start = height
    return levels


def clusters(
    images: Sequence[Image], key: Callable[[Image], Hashable], near: Callable[[Image, Image], bool]
) -> list[list[Image]]:
    """Groups of images that are `near` the first of their group; equal keys are not compared twice.

    Unreadable where there are more than `MOST_GROUPS`: comparing each with each would take for ever.
    """
    groups: list[list[Image]] = []
    home: dict[Hashable, list[Image]] = {}
    for image in images:
        name = key(image)
        group = home.get(name)
        if group is None:
            group = next((known for known in groups if near(known[0], image)), None)
            if group is None:
                if len(groups) == MOST_GROUPS:
                    raise Unreadable(
                        "it falls apart into more than "
                        f"{MOST_GROUPS} stacks (ImageOrientationPatient, ImagePositionPatient, PixelSpacing)"
                    )
                group = []
                groups.append(group)
            home[name] = group
        group.append(image)
    return groups


def direction_difference(a: Form, b: Form) -> float:
    """The largest difference of two orientations' components."""
    pairs = zip(a.along_row + a.along_column, b.along_row + b.along_column, strict=True)
    return max(abs(p - q) for p, q in pairs)


def by_orientation(images: list[Image]) -> list[Part]:
    """Planes, and in a plane its angled blocks, which are one display set whatever plane an angle makes of them."""

    def near(a: Image, b: Image) -> bool:
        return direction_difference(a.form, b.form) <= SAME_DIRECTION

    groups = clusters(images, lambda image: image.form, near)
    planes: dict[str, list[list[Image]]] = {}
    for group in groups:
        planes.setdefault(plane_of(group[0].form.normal), []).append(group)
    parts = []
    for plane, members in planes.items():
        if len(members) > 1:
            members.sort(key=lambda group: _along_body(plane, group))
        for number, group in enumerate(members, 1):
            label = plane if len(members) == 1 else f"{plane}-{number}"
            parts.append(Part(label, group, _nearest_plane(group[0].form)))
    return parts


def _nearest_plane(form: Form) -> str:
    parts = [abs(part) for part in form.normal]
    return ("sagittal", "coronal", "axial")[parts.index(max(parts))]


def _along_body(plane: str, group: list[Image]) -> tuple[float, str]:
    """Sorts blocks from head to foot, right to left, front to back."""
    axis, sign = {"sagittal": (0, 1), "coronal": (1, 1)}.get(plane, (2, -1))
    return sign * sum(_centre(image)[axis] for image in group) / len(group), group[0].path


def _centre(image: Image) -> tuple[float, ...]:
    pixels, (rows, columns) = image.form.pixels, image.form.spacing
    right, down = (pixels.columns - 1) / 2 * columns, (pixels.rows - 1) / 2 * rows
    return tuple(
        p + right * r + down * c
        for p, r, c in zip(image.position, image.form.along_row, image.form.along_column, strict=True)
    )


def by_size(images: list[Image]) -> list[Part]:
    """By columns and rows."""
    groups: dict[tuple[int, int], list[Image]] = {}
    for image in images:
        groups.setdefault((image.form.pixels.columns, image.form.pixels.rows), []).append(image)
    return parts_of([(f"{columns}x{rows}", group) for (columns, rows), group in groups.items()])


def by_spacing(images: list[Image]) -> list[Part]:
    """By PixelSpacing, beyond rounding."""

    def near(a: Image, b: Image) -> bool:
        return all(abs(p - q) <= SAME_SPACING * p for p, q in zip(a.form.spacing, b.form.spacing, strict=True))

    groups = clusters(images, lambda image: image.form, near)
    names = [f"{group[0].form.spacing[0]:.4g}mm" for group in groups]
    if len(set(names)) < len(names):  # only columns differ, or digits that names leave out
        names = [f"{name}-{number}" for number, name in enumerate(names, 1)]
    return parts_of(list(zip(names, groups, strict=True)))


def by_tilt(images: list[Image]) -> list[Part]:
    """By GantryDetectorTilt of CT, for scanners that leave it out of ImageOrientationPatient: one display set."""
    tilts = {id(image): lenient(image.header, "GantryDetectorTilt") or 0.0 for image in images}
    groups = clusters(
        images,
        lambda image: tilts[id(image)],
        lambda a, b: abs(tilts[id(a)] - tilts[id(b)]) <= SAME_TILT_DEG,
    )
    return [Part(f"tilt={tilts[id(group[0])]:g}", group, "") for group in groups]


def by_line(images: list[Image]) -> list[Part]:
    """Blocks of parallel slices (ascending): those whose first voxels lie on one straight line, plumb or sheared."""
    whole = [Part("", images, "")]
    if len(images) < 2 * SLICES_IN_BLOCK:
        return whole
    places = np.array([image.position for image in images])
    heights = np.array(heights_of(images))
    if _off_line(places, heights) <= LINE_MM:
        return whole
    blocks = ([] if is_even(heights.tolist()) else _by_field(images)) or _runs(images, places, heights)
    if not blocks:
        return whole
    plane = plane_of(images[0].form.normal)
    blocks.sort(key=lambda group: _along_body(plane, group))
    return [Part(f"block-{number}", group, "") for number, group in enumerate(blocks, 1)]


def _by_field(images: list[Image]) -> list[list[Image]]:
    """Plumb blocks, which may overlap in height, by their fields of view; [] where not all images are in one."""
    fields = {id(image): field_of(image) for image in images}

    def near(a: Image, b: Image) -> bool:
        return all(abs(p - q) <= LINE_MM for p, q in zip(fields[id(a)], fields[id(b)], strict=True))

    blocks = clusters(images, lambda image: fields[id(image)], near)
    return blocks if min(map(len, blocks)) >= SLICES_IN_BLOCK else []


def _runs(images: list[Image], places: Floats, heights: Floats) -> list[list[Image]]:
    """Blocks one after the other along the normal, each on a line of its own; [] where they are too small."""
    starts = [0]
    for end in range(1, len(images)):
        run = slice(starts[-1], end + 1)
        if _off_line(places[run], heights[run]) > LINE_MM:
            starts.append(end)
    sizes = np.diff([*starts, len(images)])
    if sizes.min() < 2 or sizes.mean() < SLICES_IN_BLOCK:
        return []
    return [images[first:last] for first, last in zip(starts, [*starts[1:], len(images)], strict=True)]


def _off_line(places: Floats, heights: Floats) -> float:
    """mm by which a run of places leaves the straight line between its ends."""
    along = (heights - heights[0]) / (heights[-1] - heights[0])
    return float(np.abs(places - places[0] - np.outer(along, places[-1] - places[0])).max())


def field_of(image: Image) -> tuple[float, float]:
    """mm of the first voxel along its row and its column: where in the plane the field of view lies."""
    across, down = image.form.along_row, image.form.along_column
    return (
        sum(p * d for p, d in zip(image.position, across, strict=True)),
        sum(p * d for p, d in zip(image.position, down, strict=True)),
    )


def is_even(heights: Sequence[float]) -> bool:
    """Whether three or more ascending heights are equally far apart, within a tenth of their distance."""
    steps = [after - before for before, after in pairwise(heights)]
    return len(steps) > 1 and max(steps) - min(steps) <= 0.1 * min(steps)


def lacks_few(heights: Sequence[float]) -> bool:
    """Whether ascending heights are even but for some that are missing, a sixth of those there at most."""
    steps = [after - before for before, after in pairwise(heights)]
    step = min(steps)
    if step <= 0 or any(abs(one / step - round(one / step)) > 0.1 for one in steps):
        return False
    return sum(round(one / step) - 1 for one in steps) <= max(1, len(heights) // 6)


def names_of(images: Sequence[Image], limit: int) -> str:
    """File names of images, `limit` at most, and how many more there are; frames of one file once."""
    names = list(dict.fromkeys(os.path.basename(image.path) for image in images))
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
