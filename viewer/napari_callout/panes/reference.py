"""Reference lines: where another view's plane cuts this one. Pure."""

from __future__ import annotations

import numpy as np

from callout.geometry import Floats
from napari_callout.session.plane import Plane

ALIKE = 0.985  # planes whose normals are within about 10° have no line that tells anything


def crossing(plane: Plane, other: Plane) -> Floats | None:
    """The two ends (2, 2), (row, column) on `plane`, of the line in which `other` cuts it; None where it does not.

    The line ends where either plane does.
    """
    if abs(float(plane.normal @ other.normal)) > ALIKE:
        return None
    last = np.array(plane.shape, np.float64) - 0.5
    corners = np.array([[-0.5, -0.5], [-0.5, last[1]], [last[0], last[1]], [last[0], -0.5]])
    normal = np.cross(
        *(np.diff(other.points(np.array([[0.0, 0.0], ends])), axis=0)[0] for ends in ([1.0, 0], [0, 1.0]))
    )
    normal /= np.linalg.norm(normal)
    off = (plane.points(corners) - other.point(0.0, 0.0)) @ normal
    ends = []
    for n in range(4):
        one, two = off[n], off[(n + 1) % 4]
        if (one <= 0 < two) or (two <= 0 < one):
            ends.append(corners[n] + (corners[(n + 1) % 4] - corners[n]) * (one / (one - two)))
    if len(ends) != 2:
        return None
    line = np.array(ends)
    there = other.places(plane.points(line))[:, :2]
    low, high = 0.0, 1.0
    for axis in (0, 1):  # as far as the other plane reaches
        start, way = there[0, axis] + 0.5, there[1, axis] - there[0, axis]
        if abs(way) < 1e-9:
            if not 0 <= start <= other.shape[axis]:
                return None
            continue
        bounds = sorted(((0 - start) / way, (other.shape[axis] - start) / way))
        low, high = max(low, bounds[0]), min(high, bounds[1])
    if low >= high:
        return None
    cut: Floats = line[0] + np.outer([low, high], line[1] - line[0])
    return cut
