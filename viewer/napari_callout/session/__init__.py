"""The open case, what is selected and what is drawn; no Qt, no napari."""

from __future__ import annotations

from napari_callout.session.selection import Selection
from napari_callout.session.session import Session

__all__ = ["Selection", "Session"]
