"""What markers are called, how they look, and the words and signs that name one in a text."""

from __future__ import annotations

from typing import NamedTuple

from callout.terms.words import word_set

KINDS = {
    "arrow": "arrow", "arrowhead": "arrowhead", "asterisk": "*", "star": "*", "triangle": "arrowhead",
    "line": "line", "circle": "circle", "asterix": "*", "ring": "circle", "arrowed": "arrow",
    "caliper": "calipers", "box": "box", "ellipse": "ellipse", "rectangle": "rectangle", "square": "square",
    "cross": "cross", "diamond": "diamond", "pointer": "pointer", "asterisc": "*", "asteriks": "*", "arow": "arrow",
    "oval": "oval", "dot": "dot", "curve": "curve", "bracket": "bracket", "frame": "frame",
    "outline": "outline",
}  # fmt: skip
SIGNS = {
    "*": "*", "\u2217": "*", "\u2605": "*", "\u2606": "*", "\u2731": "*", "\u2192": "arrow", "\u2190": "arrow",
    "\u2191": "arrow", "\u2193": "arrow", "\u21d2": "arrow", "\u27a4": "arrowhead", "\u25ba": "arrowhead",
    "\u25b2": "arrowhead", "\u25b3": "arrowhead", "\u25b6": "arrowhead", "\u25bc": "arrowhead",
    "\u25bd": "arrowhead", "#": "#", "+": "+", "\u2020": "\u2020",
    "\u2021": "\u2021", "\u00a7": "\u00a7", "\u2736": "*", "\u204e": "*", "\uff0a": "*", "\u2794": "arrow",
    "\u279c": "arrow", "\u21e8": "arrow", "\u27f6": "arrow", "\u27a1": "arrow", "\u25c4": "arrowhead",
    "\u25c0": "arrowhead", "\u25b8": "arrowhead",
}  # fmt: skip
MARKED = word_set(
    """
    indicated marked shown pointed denoted highlighted labeled outlined depicted demonstrated identified
    designated seen see delineated encircled circled pinpointed represented arrowed visualized noted note
    """
)
LOOKS = word_set(
    """
    white black red yellow green blue orange purple pink cyan magenta curved straight large small long short
    big thick thin open solid hollow dashed dotted double single notched filled empty bold block blank light
    dark gray brown violet broad wide outlined upper lower golden turquoise vertical horizontal bent fat tailed
    narrow hatched slim paired tiny thinner thicker larger smaller longer shorter closed full medium
    oblique obliquely oriented headed angled slanted wavy zigzag
    """
)
POINTS = word_set(
    """
    show indicate point demonstrate mark denote depict reveal highlight showing indicating pointing represent
    representing identify identifying outline outlining delineate delineating designate marking denoting
    demonstrating depicting highlighting correspond localize illustrate signify label surround showed indicated
    pointed refer
    """
)
# Letters, numbers and signs of a legend are no longer.
LONGEST_SIGN = 3


class MarkerWord(NamedTuple):
    """Tokens `[first, last)`, brackets included, that name a marker; `before`: what it marks comes after it."""

    first: int
    last: int
    marker: str
    plural: bool
    before: bool

    @property
    def is_letters(self) -> bool:
        """Whether it is a letter, or an abbreviation, of what it stands for."""
        return self.marker.isalpha() and len(self.marker) < 4
