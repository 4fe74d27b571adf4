"""What the tools are set to: flat or in space, limited to a range of values, and by how much. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

Range = tuple[float, float]
MINUS = "−"
FINE = 10.0  # a range narrower than that is told with its fractions


@dataclass
class Kit:
    """The settings that all tools share, for one sitting.

    in_space: brush, growing, holes and islands reach across slices; else they stay in one.
    limited: what is drawn keeps to the series' range, which the next click takes where there is none yet.
    ranges: (low, high) in a series' own values, by its id.
    """

    in_space: bool = False
    limited: bool = False
    ranges: dict[str, Range] = field(default_factory=dict)

    def range_of(self, series_id: str | None) -> Range | None:
        """The range that drawing on a series keeps to; None where it is not limited, or not known yet."""
        return self.ranges.get(series_id or "") if self.limited else None

    def widen(self, series_id: str, by: float) -> None:
        """Move both ends of a series' range away from each other, each by `by`; the narrowest is one value."""
        if series_id in self.ranges:
            self.ranges[series_id] = widened(self.ranges[series_id], by)


def widened(limits: Range, by: float, about: float | None = None) -> Range:
    """A range with both ends moved outward; inward no further than a value of it, or else its middle.

    >>> widened((0, 10), 5), widened((0, 10), -9), widened((0, 10), -9, about=2)
    ((-5, 15), (5.0, 5.0), (2, 2))
    """
    low, high = limits
    least = (low + high) / 2 if about is None else min(max(about, low), high)
    return min(low - by, least), max(high + by, least)


def range_text(limits: Range, unit: str = "") -> str:
    """ "−650…−450 HU".

    >>> range_text((-650.2, -450), "HU")
    '−650…−450 HU'
    >>> range_text((0.0008, 0.0012))
    '0.0008…0.0012'
    """
    digits = ".0f" if limits[1] - limits[0] >= FINE else ".3g"
    ends = "…".join(f"{end:{digits}}".replace("-", MINUS) for end in limits)
    return f"{ends} {unit}".strip()
