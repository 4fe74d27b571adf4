"""Reports: documents → figures → captions → mentions."""

from __future__ import annotations

from callout.reports.analyser import analyse_body, analyse_caption
from callout.reports.documents import read_report, read_report_bytes, read_report_text, report_file
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

__all__ = [
    "Caption",
    "CaptionView",
    "Figure",
    "Measurement",
    "Mention",
    "PanelSpan",
    "Part",
    "Picture",
    "Report",
    "analyse_body",
    "analyse_caption",
    "read_report",
    "read_report_bytes",
    "read_report_text",
    "report_file",
]
