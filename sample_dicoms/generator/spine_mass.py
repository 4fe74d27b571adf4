"""The mass: its parts, what it does to bone, psoas, foramina, sac and ureter, and the truth of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .spine_body import PSOAS, muscle_radius
from .spine_canvas import MIDLINE_MM, STEP_MM, Box, Canvas, Texture, capsule, ellipsoid
from .spine_column import BONE, DISC, VERTEBRAE, foramen, posterior, root_path, sac_y
from .spine_contrast import Tissue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Real = NDArray[np.float32]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """One part of the truth: label, concept, side, site in plain words."""

    label: str
    concept: str
    laterality: str | None
    site: str

    @property
    def tracking_id(self) -> str:
        """The same in every series."""
        return f"callout-spine/{self.label.replace(', ', '/').replace(' ', '-').lower()}"


MASS, BONE_CHANGE = "soft-tissue mass", "signal abnormality"
PARTS = (
    Part("soft tissue mass", MASS, "left", "prevertebral and left paravertebral region"),
    Part("soft tissue mass, prevertebral part", MASS, None, "prevertebral region, L1-L2"),
    Part("soft tissue mass, left paravertebral part", MASS, "left", "paravertebral region"),
    Part("soft tissue mass, left psoas", MASS, "left", "psoas muscle"),
    Part("soft tissue mass, left neural foramen L2-L3", MASS, "left", "neural foramen L2-L3"),
    Part("soft tissue mass, left neural foramen L3-L4", MASS, "left", "neural foramen L3-L4"),
    Part("soft tissue mass, spinal canal", MASS, "left", "spinal canal, L3"),
    Part("altered signal intensity, body of L1", BONE_CHANGE, None, "body of L1"),
    Part("altered signal intensity, body of L2", BONE_CHANGE, None, "body of L2"),
    Part("altered signal intensity, body of L3", BONE_CHANGE, None, "body of L3"),
    Part("altered signal intensity, posterior elements of L3", BONE_CHANGE, None, "posterior elements of L3"),
    Part("left hydroureteronephrosis", "hydroureteronephrosis", "left", "kidney and ureter"),
    Part("nerve root compression, left L2-L3", "nerve root compression", "left", "neural foramen L2-L3"),
    Part("nerve root compression, left L3-L4", "nerve root compression", "left", "neural foramen L3-L4"),
    Part("thecal sac indentation, L3", "thecal sac compression", None, "thecal sac, L3"),
)
BIT = {part.label: bit for bit, part in enumerate(PARTS)}
WHOLE, PREVERTEBRAL, PARAVERTEBRAL, IN_PSOAS, FORAMEN_2, FORAMEN_3, CANAL = range(7)
BODY_1, BODY_2, BODY_3, POSTERIOR_3, HYDRO, ROOT_2, ROOT_3, INDENTATION = range(7, 15)

# Stretches about a point, so that one coronal slice measures 12.1 cm craniocaudal and 11.5 cm transverse.
CENTRE = (24.0, -22.0, 18.5)
STRETCH = (0.925, 1.0, 0.945)
LOBES = (  # centre (from the midline, y, z) and half axes, mm
    ((4.0, -27.0, 50.0), (36.0, 22.0, 29.0)),
    ((46.0, -18.5, 16.0), (36.0, 33.0, 56.0)),
    ((51.0, -13.0, -3.0), (30.0, 35.0, 34.0)),
    ((30.0, -28.0, 36.0), (30.0, 20.0, 36.0)),
)
NOT_MASS = (
    *BONE,
    *DISC,
    Tissue.CORD,
    Tissue.FLOW_VOID,
    Tissue.VESSEL_WALL,
    Tissue.CORTEX,
    Tissue.MEDULLA,
    Tissue.URINE,
    Tissue.AIR,
    Tissue.SKIN,
    Tissue.LUNG,
)


def paint_bone_changes(canvas: Canvas, texture: Texture) -> None:
    """Replace the marrow of the bodies L1 to L3 and of the posterior elements of L3."""
    normal = (Tissue.MARROW, Tissue.VEIN)
    for name, limit in (("L1", 1.25), ("L2", 1.5), ("L3", 1.35)):
        v = VERTEBRAE[name]
        box = canvas.around(v.centre, 34.0)
        a, b, _ = v.frame(box)
        spared = (-a * 0.035 + b * 0.035 - 0.15) + 0.35 * texture.at(box.x, box.y, box.z)
        altered = v.body(box, 1.1) & (spared < limit) & np.isin(canvas.tissue[box.slices], normal)
        canvas.paint(Tissue.ALTERED_MARROW, box, altered)
        canvas.name(BIT[f"altered signal intensity, body of {name}"], box, altered)
    v = VERTEBRAE["L3"]
    box = canvas.box(v.at(-50, -5, -45), v.at(50, 75, 32))
    _, b, _ = v.frame(box)
    behind = posterior(v, box, 1.2) & (b > v.half_depth - 1.5)
    altered = behind & (texture.at(box.x, box.y, box.z) < 2.0) & np.isin(canvas.tissue[box.slices], normal)
    canvas.paint(Tissue.ALTERED_MARROW, box, altered)
    canvas.name(BIT["altered signal intensity, posterior elements of L3"], box, altered)


def paint_mass(canvas: Canvas, texture: Texture) -> None:
    """Paint the mass over what it destroys and name each of its parts."""
    box = canvas.box((MIDLINE_MM - 60, -80, -70), (MIDLINE_MM + 110, 60, 105))
    before = canvas.tissue[box.slices].copy()
    pieces = _pieces(box, texture)
    inside = np.logical_or.reduce(list(pieces.values())) & ~np.isin(before, NOT_MASS)
    inside = _largest(inside)
    _name_parts(canvas, box, inside, pieces)
    _paint_inside(canvas, box, inside, pieces["psoas"], texture)
    _paint_pressed_roots(canvas)


def _stretched(box: Box) -> Box:
    x, y, z = (
        (axis - np.float32(middle)) / np.float32(factor) + np.float32(middle)
        for axis, middle, factor in zip((box.x - np.float32(MIDLINE_MM), box.y, box.z), CENTRE, STRETCH, strict=True)
    )
    return Box(box.slices, x, y, z)


def _bulk(box: Box, texture: Texture) -> Real:
    """Return a soft union of the lobes with a bumpy surface: about millimetres, negative inside."""
    seen = _stretched(box)
    depths = [(ellipsoid(seen, centre, half) - 1) * min(half) for centre, half in LOBES]
    soft = 5.0
    union = -soft * np.log(sum(np.exp(-np.clip(depth, -60, 60) / soft) for depth in depths))
    lobules = Texture.fractal("spine mass surface", 3.5, 2).at(box.x, box.y, box.z)
    return np.asarray(union + 2.0 * texture.at(box.x, box.y, box.z) + 1.1 * lobules, np.float32)


def _pieces(box: Box, texture: Texture) -> dict[str, Bools]:
    """Return bulk, infiltrated psoas, foramina and canal as overlapping shapes."""
    bulk = _bulk(box, texture)
    psoas = muscle_radius(PSOAS, box, 1.0) <= 1.06
    reach = 5.0 + 5.0 * texture.at(box.x * 1.7, box.y * 1.7, box.z * 0.5)  # fingers along the fibres
    heights = (box.z > -42.0) & (box.z < 70)
    pieces = {
        "bulk": bulk <= 0,
        "psoas": psoas & (bulk <= reach) & heights,
    }
    bump = 0.1 * texture.at(box.x, box.y, box.z)
    for level in ("L2-L3", "L3-L4"):
        x, y, z = foramen(level, 1.0)
        pieces[level] = (ellipsoid(box, (x + 4, y - 1.5, z + 1.0), (13.0, 8.5, 11.0)) + bump) <= 1
    pieces["canal"] = _canal(box, bump)
    return pieces


def _canal(box: Box, bump: Real) -> Bools:
    """Return the part in the canal: from both foramina along the left front of the sac."""
    middle = sac_y(box.z)
    dx = box.x - MIDLINE_MM
    ring = (dx / 12.3) ** 2 + ((box.y - middle - 1.0) / 10.2) ** 2 <= 1
    height = VERTEBRAE["L3"].centre[2] - 6.0
    lump = ((dx - 10.0) / 11.0) ** 2 + ((box.y - middle + 3.0) / 10.5) ** 2 + ((box.z - height) / 27.0) ** 2
    inside: Bools = ring & (np.sqrt(lump) + bump <= 1)
    return inside


def _largest(inside: Bools) -> Bools:
    from scipy import ndimage

    labels, count = ndimage.label(inside)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    chosen: Bools = labels == sizes.argmax()
    return chosen


def _name_parts(canvas: Canvas, box: Box, inside: Bools, pieces: dict[str, Bools]) -> None:
    canal = inside & _ring(box)
    left_2 = inside & pieces["L2-L3"] & ~canal & _foraminal(box, "L2-L3")
    left_3 = inside & pieces["L3-L4"] & ~canal & _foraminal(box, "L3-L4")
    outside = inside & ~canal & ~left_2 & ~left_3
    dx = box.x - MIDLINE_MM
    edge = VERTEBRAE["L2"].half_width + 2.0
    levels = box.z > VERTEBRAE["L2"].at(0, -16, -14)[2]
    prevertebral = outside & (dx <= edge) & levels & (box.y < 4)
    canvas.name(WHOLE, box, inside)
    canvas.name(PREVERTEBRAL, box, prevertebral)
    canvas.name(PARAVERTEBRAL, box, outside & ~prevertebral & (dx > 0))
    canvas.name(IN_PSOAS, box, outside & (muscle_radius(PSOAS, box, 1.0) <= 1.06))
    canvas.name(FORAMEN_2, box, left_2)
    canvas.name(FORAMEN_3, box, left_3)
    canvas.name(CANAL, box, canal)
    sac = np.hypot(dx / 8.8, (box.y - sac_y(box.z)) / 7.2) <= 1.0
    canvas.name(INDENTATION, box, canal & sac)


def _ring(box: Box) -> Bools:
    near: Bools = np.hypot((box.x - MIDLINE_MM) / 12.5, (box.y - sac_y(box.z) - 1.2) / 10.5) <= 1
    return near


def _foraminal(box: Box, level: str) -> Bools:
    """Return the foramen proper: behind the back of the bodies, between canal and the joint's outer edge."""
    x, _, z = foramen(level, 1.0)
    v = VERTEBRAE[level.split("-", maxsplit=1)[0]]
    _, b, _ = v.frame(box)
    place: Bools = (np.abs(box.x - x) < 9.5) & (b > v.half_depth - 5.0) & (np.abs(box.z - z) < 13.0)
    return place


def _paint_inside(canvas: Canvas, box: Box, inside: Bools, psoas: Bools, texture: Texture) -> None:
    """Paint an enhancing rim, lobules and septa round a core that is dead, and oedema in the muscle."""
    from scipy import ndimage

    depth = np.asarray(ndimage.distance_transform_edt(inside), np.float32) * np.float32(STEP_MM)
    coarse = texture.at(box.x, box.y, box.z)
    fine = Texture.fractal("spine mass lobules", 4.0, 2).at(box.x, box.y, box.z)
    thick = np.maximum(7.5 + 3.2 * coarse + 2.2 * fine, 3.0)
    kind = np.full(inside.shape, Tissue.SOLID, np.uint8)
    kind[depth > thick + 4.0 - 2.0 * coarse] = Tissue.CORE
    septa = (np.abs(fine) < 0.13) & (depth > thick)
    kind[septa] = Tissue.RIM
    kind[(fine > 1.35) & (depth > thick + 4) & (coarse > 0)] = Tissue.SOLID
    kind[(fine < -1.9) & (depth > thick + 3)] = Tissue.BLOOD
    kind[depth <= thick] = Tissue.RIM
    strands = psoas & (depth < 13) & (np.sin(box.x * 0.9 + 2.0 * fine) + 0.5 * coarse > 0.6)
    kind[strands] = Tissue.OEDEMA
    canvas.tissue[box.slices][inside] = kind[inside]
    around = psoas & ~inside & (canvas.tissue[box.slices] == Tissue.MUSCLE)
    canvas.tissue[box.slices][around] = Tissue.OEDEMA


def _paint_pressed_roots(canvas: Canvas) -> None:
    """Paint the roots L2 and L3 on the left thinner, pushed up and back in their foramina."""
    for name, bit in (("L2", ROOT_2), ("L3", ROOT_3)):
        way = [np.asarray(point) for point in root_path(name, 1.0)]
        up, back = VERTEBRAE[name].up, VERTEBRAE[name].back
        for n, (rise, behind) in enumerate(((1.0, 1.0), (3.5, 1.5), (4.5, 3.0), (3.0, 5.0), (0, 2.0))):
            way[n] = way[n] + rise * up + behind * back
        canvas.tube(Tissue.ROOT, way[:4], [1.3, 1.6, 1.9, 1.5], over=_SOFT)
        for start, end in ((way[1], way[2]), (way[2], way[3])):
            box = canvas.box(np.minimum(start, end) - 5.0, np.maximum(start, end) + 5.0)
            distance, _ = capsule(box, start, end)
            near = (distance <= 3.0) & ~np.isin(canvas.tissue[box.slices], BONE)
            canvas.name(bit, box, near)


_SOFT = (
    Tissue.FAT,
    Tissue.SEPTUM,
    Tissue.MUSCLE,
    Tissue.OEDEMA,
    Tissue.CSF,
    Tissue.FASCIA,
    Tissue.RIM,
    Tissue.SOLID,
    Tissue.CORE,
    Tissue.BLOOD,
    Tissue.ROOT,
)
