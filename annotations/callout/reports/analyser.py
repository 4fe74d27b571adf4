"""The analysis of a caption, of a report's figure, and of its body."""

from __future__ import annotations

from callout.reports.model import Caption, Mention
from callout.reports.panels import find_panels
from callout.reports.picture import caption_views, contrast_of, in_order, modality_of, picture_words
from callout.reports.tokens import read_passage


def analyse_caption(text: str) -> Caption:
    """What `text`, a caption, says; offsets are code points of `text` as it is."""
    passage = read_passage(text)
    panels = find_panels(text)
    views = caption_views(passage, picture_words(passage), panels)
    return Caption(
        text=text,
        modality=modality_of(views),
        planes=in_order(view.plane for view in views),
        sequences=in_order(view.sequence for view in views),
        contrast=contrast_of(views),
        views=views,
        panels=panels,
    )


def analyse_figure(label: str, text: str, body: str) -> Caption:
    """The caption of the figure `label` in a report of that body."""
    return analyse_caption(text)


def analyse_body(text: str) -> tuple[Mention, ...]:
    """The mentions in a report's body."""
    return ()
