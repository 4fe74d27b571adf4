"""The thorax case: an enhanced chest CT of a phantom with bilateral disease, its truth, its report.

Frame of the scan: LPS millimetres; slices run from head to foot, as they were "acquired".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .files import Segment, Study, uid, write_segmentation, write_series
from .phantom import Floats, average, correlated_noise, fade, fractal_noise, generator, inside, smoothstep
from .thorax_disease import CAVITIES, GLASS, SOLID, glass_amount, paint_bulla, paint_cavities, paint_solid
from .thorax_lung import lung_depth, paint_lungs, parenchyma
from .thorax_mediastinum import mediastinum, paint_abdomen, paint_mediastinum
from .thorax_report import report_text, write_histology
from .thorax_truth import Scan, diameters, facts
from .thorax_wall import Section, body_depth, cage_inner, paint_skeleton, paint_wall

SLICES, SIZE, PIXEL_MM, THICKNESS_MM = 54, 400, 0.859375, 5.0
FINE, LAYERS = 2, 4
TOP = 114.0
MIDLINE = np.array([7.4, -6.2, -231.5])  # where the phantom's own origin lies in the scanner
NOISE_HU = 20.0
BLUR_PIXELS = 0.65  # the kernel of the reconstruction

STUDY = Study(
    patient_id="CALLOUT-THORAX",
    patient_name="Callout^Thorax",
    study_uid=uid("callout thorax study"),
    study_date="20240312",
    study_time="101500",
    study_description="CT chest with contrast (synthetic phantom)",
    frame_of_reference_uid=uid("callout thorax frame of reference"),
    accession_number="CALLOUT1",
    age="052Y",
    sex="M",
)
ATTRIBUTES = {
    "BodyPartExamined": "CHEST",
    "ProtocolName": "Chest routine",
    "ScanOptions": "HELICAL MODE",
    "ContrastBolusAgent": "Iodinated contrast",
    "ContrastBolusRoute": "IV",
    "KVP": "120",
    "XRayTubeCurrent": "180",
    "ExposureTime": "500",
    "Exposure": "90",
    "DataCollectionDiameter": "500",
    "ReconstructionDiameter": f"{SIZE * PIXEL_MM:g}",
    "GantryDetectorTilt": "0",
    "TableHeight": "152",
    "RotationDirection": "CW",
    "FilterType": "BODY",
    "ConvolutionKernel": "STANDARD",
    "SpacingBetweenSlices": f"{THICKNESS_MM:g}",
    "AcquisitionNumber": "1",
    "RescaleIntercept": "-1024",
    "RescaleSlope": "1",
    "RescaleType": "HU",
    "WindowCenter": ["-600", "40"],
    "WindowWidth": ["1500", "400"],
    "WindowCenterWidthExplanation": ["LUNG", "MEDIASTINUM"],
}


@dataclass(frozen=True)
class Textures:
    """Fixed noise fields on the fine plane, taken with a shift that drifts along z."""

    waves: Floats
    clouds: Floats
    grain: Floats

    def at(self, z: float) -> tuple[Floats, Floats, Floats]:
        """The three fields for height z; neighbouring heights look alike."""
        waves = np.roll(self.waves, (int(z * 0.5), int(z * 0.3)), axis=(0, 1))
        clouds = np.roll(self.clouds, (int(z * 0.8), int(-z * 0.6)), axis=(0, 1))
        grain = np.roll(self.grain, (int(z * 1.3), int(z * 1.7)), axis=(0, 1))
        return waves, clouds, grain


def textures() -> Textures:
    """The noise fields, SD 1 each."""
    shape = (SIZE * FINE, SIZE * FINE)
    return Textures(
        waves=correlated_noise(shape, (60.0, 60.0), generator("thorax waves")),
        clouds=fractal_noise(shape, (24.0, 24.0), generator("thorax clouds")),
        grain=correlated_noise(shape, (5.0, 5.0), generator("thorax grain")),
    )


def coordinates() -> Floats:
    """Fine coordinates along a row or column, in mm from the middle of the field of view."""
    fine = PIXEL_MM / FINE
    return np.asarray((np.arange(SIZE * FINE) + 0.5) * fine - SIZE * PIXEL_MM / 2, dtype=np.float32)


def render_layer(z: float, fields: Textures) -> tuple[Floats, dict[str, Floats]]:
    """One thin fine plane: HU, and the coverage of each named part."""
    mm = coordinates()
    s = Section(np.asarray(mm - MIDLINE[0], dtype=np.float32), np.asarray(mm - MIDLINE[1], dtype=np.float32), z)
    waves, clouds, grain = fields.at(z)
    image = np.full((len(mm), len(mm)), -1000.0, dtype=np.float32)
    paint_table(image, mm)
    body, cage, middle = body_depth(s, waves), cage_inner(s), mediastinum(s)
    paint_wall(image, s, body, cage, waves, grain=grain)
    lungs = lung_depth(s, cage, middle)
    inner = inside(np.minimum(cage, -lungs))
    fade(image, -98.0 + 8.0 * grain, inner)
    if z < -84.0:
        paint_abdomen(image, s, inner, waves, grain)
    paint_mediastinum(image, s, waves, grain)
    paint_skeleton(image, s, grain)
    covers = paint_disease(image, s, lungs, clouds, grain)
    covers["body"] = inside(body)
    return image, covers


def paint_disease(image: Floats, s: Section, lungs: Floats, clouds: Floats, grain: Floats) -> dict[str, Floats]:
    """Lungs with all disease; coverage of each part by name."""
    air = parenchyma(s, clouds, grain)
    glass = glass_amount(s, lungs, clouds)
    for amount in glass:
        air += (-540.0 + 14.0 * clouds + 16.0 * grain - air) * amount
    paint_lungs(image, s, lungs, air)
    solid = paint_solid(image, s, lungs, clouds, grain)
    bulla = paint_bulla(image, s)
    outers, lumens = paint_cavities(image, s, clouds, grain)
    names = [f"outer {c.name}" for c in CAVITIES] + [f"lumen {c.name}" for c in CAVITIES]
    names += [f"glass {a.name}" for a in GLASS] + [f"solid {a.name}" for a in SOLID] + ["bulla"]
    return dict(zip(names, [*outers, *lumens, *glass, *solid, bulla], strict=True))


def paint_table(image: Floats, mm: Floats) -> None:
    """The curved top of the scanner's table, some way below the back, with no noise."""
    x, y = mm[None, :], mm[:, None]
    shell = 1.0 - np.abs(y - 128.0 + 0.0009 * x * x)
    fade(image, -350.0, inside(np.asarray(np.minimum(shell, 160.0 - np.abs(x)), dtype=np.float32)))


def render_slice(k: int, fields: Textures) -> tuple[Floats, dict[str, Floats]]:
    """Slice k averaged from its layers: HU without noise, and mean coverages."""
    heights = TOP - k * THICKNESS_MM + ((np.arange(LAYERS) + 0.5) / LAYERS - 0.5) * THICKNESS_MM
    total = np.zeros((SIZE, SIZE), dtype=np.float32)
    sums: dict[str, Floats] = {}
    for z in heights:
        image, covers = render_layer(float(z), fields)
        total += average(image, FINE) / LAYERS
        for name, cover in covers.items():
            if float(cover.max()) > 0.0 or name in sums:
                sums[name] = sums.get(name, np.zeros_like(total)) + average(cover, FINE) / LAYERS
    return total, sums


def noise_of(k: int, amount: Floats) -> Floats:
    """Noise of slice k in HU: correlated over about two pixels, a little stronger in the middle.

    `amount` (0..1) is less in the lungs and none in the air around the body.
    """
    rng = generator(f"thorax noise {k}")
    noise = correlated_noise((SIZE, SIZE), (1.2, 1.2), rng)
    rows = (np.arange(SIZE) - SIZE / 2) * PIXEL_MM
    away = np.sqrt(((rows[None, :] - MIDLINE[0]) / 160.0) ** 2 + ((rows[:, None] - MIDLINE[1]) / 120.0) ** 2)
    return np.asarray(noise * amount * NOISE_HU * (1.06 - 0.16 * np.minimum(away, 1.0)), dtype=np.float32)


def scan() -> Scan:
    """Render all slices; masks are where a part fills at least half a voxel, and exclude one another."""
    from scipy.ndimage import gaussian_filter

    fields = textures()
    hounsfield = np.empty((SLICES, SIZE, SIZE), dtype=np.float32)
    masks: dict[str, NDArray[np.bool_]] = {}
    for k in range(SLICES):
        plane, covers = render_slice(k, fields)
        body = covers.pop("body")
        sharp = np.where(body > 0, plane, -1000.0)
        soft = gaussian_filter(sharp, BLUR_PIXELS)
        hounsfield[k] = np.where(body > 0, soft, plane) + noise_of(
            k, body * (0.8 + 0.2 * smoothstep(soft, -800.0, -200.0))
        )
        for name, cover in covers.items():
            mask = masks.setdefault(name, np.zeros(hounsfield.shape, dtype=bool))
            mask[k] = cover >= 0.5
    cavities = np.logical_or.reduce([masks[f"outer {c.name}"] for c in CAVITIES])
    solid = np.logical_or.reduce([masks[f"solid {a.name}"] for a in SOLID])
    taken = {"solid": cavities, "glass": cavities | solid}
    for name, mask in masks.items():
        kind = name.split()[0]
        masks[name] = main_piece(mask & ~taken[kind] if kind in taken else mask)
    origin = np.array([-SIZE / 2 + 0.5, -SIZE / 2 + 0.5, 0.0]) * PIXEL_MM
    heights = TOP - THICKNESS_MM * np.arange(SLICES) + MIDLINE[2]
    origins = np.column_stack([np.full(SLICES, origin[0]), np.full(SLICES, origin[1]), heights])
    return Scan(np.round(hounsfield), masks, origins, PIXEL_MM, THICKNESS_MM)


def main_piece(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest connected piece of a mask."""
    from scipy.ndimage import label

    labels, count = label(mask)
    return mask if count < 2 else np.asarray(labels == np.argmax(np.bincount(labels.ravel())[1:]) + 1)


def segments(made: Scan) -> tuple[list[Segment], list[Segment]]:
    """Findings (outer contours, ground glass, consolidation) and parts (walls, lumens, bulla)."""
    findings, parts = [], []
    for cavity in CAVITIES:
        outer, lumen = made.masks[f"outer {cavity.name}"], made.masks[f"lumen {cavity.name}"]
        side, key, lesion = (
            cavity.name.split()[0],
            cavity.name.replace(" ", "-"),
            f"cavitating lesion, {cavity.name}",
        )
        findings.append(Segment(lesion, outer, "cavity", f"thorax.cavity.{key}", side, cavity.site))
        parts.append(
            Segment(f"wall of {lesion}", outer & ~lumen, "cavity wall", f"thorax.wall.{key}", side, cavity.site)
        )
        parts.append(Segment(f"lumen of {lesion}", lumen, "cavity lumen", f"thorax.lumen.{key}", side, cavity.site))
    for kind, words, concept, areas in (
        ("glass", "ground glass", "ground-glass opacity", GLASS),
        ("solid", "consolidation", "consolidation", SOLID),
    ):
        for area in areas:
            key = f"thorax.{words.replace(' ', '-')}.{area.name.replace(' ', '-')}"
            mask, side = made.masks[f"{kind} {area.name}"], area.name.split()[0]
            findings.append(Segment(f"{words}, {area.name}", mask, concept, key, side, area.site))
    bulla = Segment(
        "bulla, right upper lobe", made.masks["bulla"], "bulla", "thorax.bulla", "right", "right upper lobe"
    )
    return findings, [*parts, bulla]


def write(folder: Path) -> None:
    """Write images/, truth/, truth.json, report.txt and figure-2.png into `folder`."""
    made = scan()
    findings, parts = segments(made)
    for old in (folder / "images").glob("IM*.dcm"):
        old.unlink()
    files = write_series(
        folder / "images",
        STUDY,
        modality="CT",
        series_uid=uid("callout thorax chest"),
        number=2,
        description="Chest 5.0 mm",
        origins=made.origins,
        row_step=np.array([0.0, PIXEL_MM, 0.0]),
        column_step=np.array([PIXEL_MM, 0.0, 0.0]),
        voxels=np.clip(made.hounsfield + 1024, 0, 4095).astype(np.int16),
        thickness_mm=THICKNESS_MM,
        attributes=ATTRIBUTES,
    )
    truth = folder / "truth"
    write_segmentation(truth / "findings.seg.dcm", files, findings, number=100, description="Findings")
    write_segmentation(truth / "parts.seg.dcm", files, parts, number=101, description="Parts of findings")
    known = facts(made, findings, parts, [file.name for file in files], MIDLINE)
    (folder / "truth.json").write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    long_mm, short_mm, _ = diameters(made, findings[0].mask)
    (folder / "report.txt").write_text(report_text(f"{long_mm / 10:.1f}×{short_mm / 10:.1f}"), encoding="utf-8")
    write_histology(folder / "figure-2.png")
