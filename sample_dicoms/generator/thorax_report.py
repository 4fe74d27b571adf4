"""The invented report of the thorax case, and the picture of its second figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .phantom import Floats, correlated_noise, fractal_noise, generator, smoothstep

TITLE = "Cavitating lung metastases of a small cell osteosarcoma of the thigh"

STORY = (
    "{title} {rule} * Ilse Varnhem * Tomas Brandt-Okoro * Petra Solano Lind * Chest imaging * Thoracic oncology "
    "A 52-year-old former welder came to the outpatient clinic after three months of dry cough, night sweats and "
    "a loss of 7 kg. A contrast-enhanced CT of the chest showed multiple bilateral cavitating lesions, ground "
    "glass and consolidation (figure 1). The largest cavitating lesion, in the right upper lobe, measured "
    "{largest} cm; another, in the right lower lobe, held an air–fluid level. Ground glass was seen in the right "
    "middle lobe and in both upper lobes, consolidation with air bronchograms in both lower lobes. A thin-walled "
    "bulla at the right apex was thought to be incidental. There was no pleural effusion. Septic emboli were "
    "suspected at first, but blood cultures stayed sterile, echocardiography was normal, and three weeks of "
    "intravenous antibiotics changed nothing; antibodies against neutrophil cytoplasm were not found. Only when "
    "he was examined again did he mention a firm swelling of the left thigh that had been growing for a year. "
    "A core biopsy of the swelling and a later wedge resection from the left upper lobe showed the same tumour "
    "(figure 2), and the diagnosis of a small cell osteosarcoma with lung metastases was made. "
    "![Figure 1](https://journal.example/cases/17/F1.medium.gif) [Figure 1](https://journal.example/cases/17/F1) "
    "Figure 1 Cavitating lesions (1), ground glass (2) and consolidation (3) on one axial slice. "
    "![Figure 2](figure-2.png) [Figure 2](figure-2.png) Figure 2 Round cell tumour with osteoid. "
    "Chemotherapy was begun. After four cycles the walls of the cavities had become thinner and the consolidation "
    "had cleared in part; he was well enough to return to his garden at the last visit, eight months after the "
    "diagnosis. Metastases that cavitate are usually of squamous origin, but sarcomas do it too, and in a patient "
    "with sterile cultures the limbs are worth a second look. Ground glass around or between such lesions may be "
    "haemorrhage; consolidation may be infection behind a blocked bronchus. ## Footnotes * Competing interests "
    "None. * Provenance Invented as sample data; no patient is described. ## References 1. None; this case is "
    "invented."
)


def report_text(largest_cm: str) -> str:
    """The report as one long line, as a journal's web page is saved; `largest_cm` such as `4.9×4.5`."""
    return STORY.format(title=TITLE, rule="=" * len(TITLE), largest=largest_cm)


def write_histology(path: Path) -> None:
    """Draw figure 2, 800 × 600: round cells and lacelike osteoid in the colours of H&E, labelled Illustration."""
    from PIL import Image, ImageDraw, ImageFont

    rng = generator("thorax histology")
    pixels = _stroma(rng)
    lace = _osteoid(rng)
    _cells(pixels, lace, rng)
    _blend(pixels, np.array([222.0, 128.0, 164.0], dtype=np.float32), lace)
    streaks = correlated_noise(lace.shape, (1.0, 5.0), rng)
    pixels += (streaks * lace * 7.0)[..., None]
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).quantize(80)
    picture = picture.convert("RGB")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 568, 148, 600), fill=(255, 255, 255))
    draw.text((12, 573), "Illustration", fill=(40, 20, 50), font=ImageFont.load_default(size=22))
    picture.quantize(96, dither=Image.Dither.NONE).save(path, optimize=True)


def _stroma(rng: np.random.Generator) -> Floats:
    """The pale pink ground, (600, 800, 3)."""
    tone = fractal_noise((600, 800), (18.0, 18.0), rng)
    base = np.array([240.0, 214.0, 228.0], dtype=np.float32)
    return np.asarray(base + tone[..., None] * np.array([3.0, 7.0, 5.0]), dtype=np.float32)


def _osteoid(rng: np.random.Generator) -> Floats:
    """Coverage of the osteoid: thin bands that join to a network."""
    field = correlated_noise((600, 800), (24.0, 24.0), rng) + 0.22 * correlated_noise((600, 800), (7.0, 7.0), rng)
    width = 0.17 + 0.13 * correlated_noise((600, 800), (60.0, 60.0), rng)
    return smoothstep(np.asarray(width - np.abs(field), dtype=np.float32), -0.03, 0.05)


def _blend(pixels: Floats, colour: Floats, cover: Floats) -> None:
    pixels += (colour - pixels) * cover[..., None]


def _cells(pixels: Floats, lace: Floats, rng: np.random.Generator) -> None:
    """Small round cells, close together, fewer within the osteoid: a thin rim, a dark speckled nucleus."""
    chromatin = correlated_noise((600, 800), (1.3, 1.3), rng)
    taken: list[tuple[float, float, float]] = []
    for _ in range(5200):
        x, y, radius = (
            rng.uniform(0, 800),
            rng.uniform(0, 600),
            float(np.clip(rng.normal(9.0, 1.3), 6.0, 13.0)),
        )
        if lace[int(y), int(x)] > 0.3 and rng.random() < 0.93:
            continue
        if any((x - a) ** 2 + (y - b) ** 2 < (0.92 * (radius + c) + 1.0) ** 2 for a, b, c in taken):
            continue
        taken.append((x, y, radius))
        _cell(pixels, chromatin, (x, y, radius), rng)


def _cell(pixels: Floats, chromatin: Floats, place: tuple[float, float, float], rng: np.random.Generator) -> None:
    x, y, radius = place
    top, left = max(int(y - 20), 0), max(int(x - 20), 0)
    window = (slice(top, min(top + 40, 600)), slice(left, min(left + 40, 800)))
    rows, columns = np.mgrid[window].astype(np.float32)
    angle, stretch = rng.uniform(0, np.pi), rng.uniform(1.0, 1.18)
    u = (np.cos(angle) * (columns - x) + np.sin(angle) * (rows - y)) / stretch
    v = (-np.sin(angle) * (columns - x) + np.cos(angle) * (rows - y)) * stretch
    away = np.sqrt(u * u + v * v)
    _blend(
        pixels[window],
        np.array([206.0, 168.0, 206.0], dtype=np.float32),
        0.55 * smoothstep(away, radius + 2, radius),
    )
    dark = float(rng.normal(0.0, 9.0))
    nucleus = np.array([104.0 + dark, 66.0 + dark, 138.0 + 0.7 * dark], dtype=np.float32)
    cover = smoothstep(away, radius - 0.6, radius - 2.2)
    _blend(pixels[window], nucleus, 0.93 * cover)
    rim = smoothstep(np.abs(away - radius + 2.4), 1.4, 0.2)
    pixels[window] += ((9.0 * chromatin[window] * cover) - 16.0 * rim)[..., None]
