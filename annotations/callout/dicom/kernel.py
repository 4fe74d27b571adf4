"""Kernel: what a CT was reconstructed for: lung, soft tissue or bone, from its ConvolutionKernel and its first window.

Makers name kernels in ways of their own. Siemens: a region, then a number that grows with sharpness (B31f, Br40d,
Bl57); GE: words (STANDARD, LUNG, BONEPLUS); Canon: FC and a number, in groups of ten; Philips: letters (B, YC, L). A
sharp kernel serves lung as well as bone: then the first window of the images decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

WORDS: tuple[tuple[str, str], ...] = (
    ("lung", r"LUNG|CHST|^L\d?$|^Y[BCDE]$"),
    ("bone", r"BONE|ULTRA"),
    ("sharp", r"EDGE|^D$"),
    ("soft", r"STAND|STND|SOFT|SMOOTH|DETAIL|BODY|^[ABC]$|BRAIN|LIVER|ROUTINE"),
)
SHARPEST_SOFT = 49


def kernel_of(names: Sequence[str], windows: Sequence[tuple[float, float]]) -> str | None:
    """ "lung", "soft" or "bone"; None where the kernel is unknown. names: the values of ConvolutionKernel.

    windows: (centre, width) pairs of the images, HU.

    >>> kernel_of(["Bl57d", "3"], []), kernel_of(["B70f"], [(-600, 1500)]), kernel_of(["FC13"], [])
    ('lung', 'lung', 'soft')
    """
    name = names[0].upper().strip() if names else ""
    if siemens := re.fullmatch(r"[BHIJTUDQ]([RLVFPCNS]?)(\d\d)[A-Z]{0,2}(\s.*)?", name):
        if siemens[1] == "L":
            return "lung"
        return "soft" if int(siemens[2]) <= SHARPEST_SOFT else _sharp(windows)
    if canon := re.fullmatch(r"FC(\d\d).*", name):
        return {"3": "bone", "5": "lung", "8": "bone"}.get(canon[1][0], "soft")
    kind = next((kind for kind, pattern in WORDS if re.search(pattern, name)), None)
    return _sharp(windows) if kind == "sharp" else kind


def _sharp(windows: Sequence[tuple[float, float]]) -> str:
    return "lung" if windows and windows[0][0] < -200 else "bone"
