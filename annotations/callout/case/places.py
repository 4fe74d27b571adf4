"""Where the images of a case lie now: it holds none itself, and finds them again by their SOPInstanceUIDs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from callout.errors import InputError
from callout.volume import Series

SAME_PLACE = 0.01  # mm that the corners of an image may differ by, as files of different writers round


@dataclass(frozen=True)
class Relinked:
    """found: the ids of the series whose images were found; missing: (id, why) of those whose images still aren't."""

    found: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]


def missing_images(series: Series) -> bool:
    """Whether the images are not where they were; the first and the last one are looked for."""
    from callout.dicom.sources import source_exists

    return not all(source_exists(series.instances[k].path) for k in (0, -1))


def moved_along(paths: Sequence[str], folder_then: str, folder_now: str) -> Sequence[str]:
    """The paths as noted, or as they would be where the images moved together with the case's folder.

    folder_then: "" where it is not known.
    """
    from callout.dicom.sources import source_exists

    if folder_then in ("", folder_now) or not any(paths) or source_exists(paths[0]):
        return paths
    moved = [os.path.normpath(os.path.join(folder_now, os.path.relpath(path, folder_then))) for path in paths]
    return moved if source_exists(moved[0]) else paths


def relinked(series: Sequence[Series], found: Sequence[Series]) -> tuple[tuple[Series, ...], Relinked]:
    """The case's series with the paths of those in `found`, and what was found.

    A series is known again where all its images are there, of the same geometry. InputError where none is.
    """
    images = {(image.sop_instance_uid, image.frame): (one, k) for one in found for k, image in enumerate(one.instances)}
    linked, found_ids, missing, reasons = [], [], [], []
    for one in series:
        places = [images.get((image.sop_instance_uid, image.frame)) for image in one.instances]
        there = [place for place in places if place is not None]
        reason = ""
        if len(there) < len(places):
            reason = f"{len(places) - len(there)} of its {len(places)} images are not there"
        elif not all(_same_image(one, k, *place) for k, place in enumerate(there)):
            reason = "its images have another geometry there"
        if reason:
            reasons.append(f"{one.id}: {reason}")
            linked.append(one)
            if missing_images(one):  # else it is where it was
                missing.append((one.id, reason))
            continue
        paths = [os.path.abspath(other.instances[k].path) for other, k in there]
        moved = [replace(image, path=path, stored=None) for image, path in zip(one.instances, paths, strict=True)]
        linked.append(replace(one, instances=tuple(moved)))
        found_ids.append(one.id)
    result = Relinked(tuple(found_ids), tuple(missing))
    if not result.found:
        told = "; ".join(reasons)
        raise InputError("none of the case's series is there", told, "name the folder that its images moved to")
    return tuple(linked), result


def _same_image(series: Series, k: int, other: Series, other_k: int) -> bool:
    mine, theirs = series.grid, other.grid
    if series.modality != other.modality or mine.shape[1:] != theirs.shape[1:]:
        return False
    rows, columns = mine.shape[1] - 1, mine.shape[2] - 1
    corners = np.array([(0, 0, 0), (0, rows, 0), (0, 0, columns)])
    away = mine.points(corners + np.array((k, 0, 0))) - theirs.points(corners + np.array((other_k, 0, 0)))
    return bool(np.abs(away).max() <= SAME_PLACE)
