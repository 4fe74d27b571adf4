"""Reports: documents → figures → captions → mentions."""

from __future__ import annotations

from callout.reports.model import (
    Caption,
    CaptionView,
    Figure,
    Measurement,
    Mention,
    PanelSpan,
    Part,
    Picture,
    Report,
)

__all__ = ["Caption", "CaptionView", "Figure", "Measurement", "Mention", "PanelSpan", "Part", "Picture", "Report"]
