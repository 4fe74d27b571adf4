"""The regions of one series as a labels array reads and writes them; bound to that series, whatever is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callout.errors import EditRefused
from callout.masks.mask import Index
from callout.masks.stroke import Bits
from napari_callout.session.drawing import Drawing

if TYPE_CHECKING:
    from napari_callout.session.session import Session


class ShownRegions:
    """What `RegionArray` lies over. Boxes are native (k, j, i)."""

    def __init__(self, session: Session, drawing: Drawing) -> None:
        self._session, self._drawing = session, drawing

    @property
    def active_label(self) -> int:
        """The label that is drawn with now; 0 when nothing can be drawn."""
        return self._drawing.active_label

    def shown_labels(self) -> tuple[int, ...]:
        """The labels to be seen, the active one last."""
        return self._drawing.shown_labels()

    def read(self, label: int, low: Index, high: Index) -> Bits:
        """The label's voxels in the box, the draft's included."""
        return self._drawing.read(label, low, high)

    def write(self, label: int, low: Index, flips: Bits) -> None:
        """Flip voxels of the label; EditRefused once another series is shown."""
        if self._session.drawing is not self._drawing:
            raise EditRefused("another series is shown now", self._drawing.series.id, "draw on the one that is shown")
        self._drawing.write(label, low, flips)

    def settle(self) -> None:
        """All flips of one assignment are written."""
        self._session.settle()
