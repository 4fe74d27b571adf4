"""The pictures that a caption speaks of: one view for each, with what is said of all."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from callout.reports.imaging_words import MR_SEQUENCES
from callout.reports.model import CaptionView, PanelSpan
from callout.reports.picture import PictureWord, Told, picture_phrases
from callout.reports.tokens import HYPHENS, Passage
from callout.terms.words import word_set

_BETWEEN = word_set(
    """
    with as well ( ) of on the a an in showing
    """
)
_SPLITS = frozenset(("and", "/", "&", "plus", ",", "or", "+"))
_JOINING = _BETWEEN | _SPLITS | HYPHENS
# These are made by MR alone, whatever the other pictures are.
_BY_MR = frozenset(("STIR", "FLAIR", "DWI", "ADC", "SWI"))
# A portal venous phase is one after contrast.
_VENOUS = {"post-contrast", "portal venous"}


def caption_views(
    passage: Passage, words: Sequence[PictureWord], panels: Sequence[PanelSpan]
) -> tuple[CaptionView, ...]:
    """One view per picture that the words speak of, in order."""
    runs = [run for run in _runs(passage, words) if not _is_aside(passage, run)]
    if panels and not _labels_follow(passage, words, panels):
        return _views_of_panels(passage, runs, _behind_their_pictures(passage, runs, panels) or panels)
    views: list[Told] = []
    for run in runs:
        views = _folded(views, _conjuncts(passage, run))
    return tuple(_view(told) for told in _with_modality(views))


def _runs(passage: Passage, words: Sequence[PictureWord]) -> Iterator[list[PictureWord]]:
    run: list[PictureWord] = []
    for word in words:
        if run and not _is_joined(passage, run[-1].last, word.first):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _is_joined(passage: Passage, first: int, last: int) -> bool:
    return last - first <= 6 and all(
        passage.norms[at] in _JOINING or (len(passage.texts[at]) == 1 and passage.is_word(at))
        for at in range(first, last)
    )


def _is_aside(passage: Passage, run: Sequence[PictureWord]) -> bool:
    """Whether the run speaks of another examination ("when compared to CT"), or of no picture at all."""
    before = passage.words(run[0].first - 3, run[0].first)
    return "compared" in before or "comparison" in before or not any(_told(word) for word in run)


def _told(word: PictureWord) -> Told:
    return {field: value for field, value in word.tells.items() if field != "filler"}


def _conjuncts(passage: Passage, run: Sequence[PictureWord]) -> list[Told]:
    """The run parted at "and" and commas, each part with what it shares with the others."""
    if crossed := _crossed(passage, run):
        return crossed
    chunks: list[Told] = []
    last: int | None = None
    for word in run:
        gap = passage.words(last, word.first) if last is not None else []
        told = _told(word)
        if not chunks or any(sign in _SPLITS for sign in gap) or _conflict(chunks[-1], told):
            chunks.append(told)
        else:
            chunks[-1] = _merged(chunks[-1], told)
        last = word.last
    parts: list[Told] = []
    for chunk in (chunk for chunk in chunks if chunk):
        if parts and not (parts[-1].keys() & chunk.keys() - {"modality"}) and not _conflict(parts[-1], chunk):
            parts[-1] = _merged(parts[-1], chunk)
        elif not parts or chunk.keys() - {"modality"} or _conflict(parts[-1], chunk):
            parts.append(chunk)
    return _shared(parts)


def _crossed(passage: Passage, run: Sequence[PictureWord]) -> list[Told]:
    """Every plane with every sequence, where all planes stand before all sequences or behind them; else none.

    "Axial and coronal T1 and T2" are four pictures, and two where "respectively" follows.
    """
    told = [_told(word) for word in run]
    planes = [index for index, tells in enumerate(told) if "plane" in tells]
    sequences = [index for index, tells in enumerate(told) if "sequence" in tells]
    several = [
        len({told[at][field] for at in those}) > 1 for field, those in (("plane", planes), ("sequence", sequences))
    ]
    if not all(several) or not (planes[-1] < sequences[0] or sequences[-1] < planes[0]):
        return []
    pairs = [(told[plane], told[sequence]) for plane in planes for sequence in sequences]
    if len(planes) == len(sequences) and "respectively" in passage.words(run[-1].last, run[-1].last + 12):
        pairs = [(told[plane], told[sequence]) for plane, sequence in zip(planes, sequences, strict=True)]
    common: Told = {}
    for field in ("modality", "contrast"):
        values = in_order(tells.get(field) for tells in told)
        if len(values) == 1:
            common[field] = values[0]
    return [common | plane | sequence for plane, sequence in pairs]


def _conflict(told: Told, other: Told) -> bool:
    differing = [field for field, value in other.items() if told.get(field, value) != value]
    return _is_of_ct_and_mr(told | other) or any({told[field], other[field]} != _VENOUS for field in differing)


def _merged(told: Told, other: Told) -> Told:
    """Both together; of two words for one contrast the more exact."""
    both = told | other
    if {told.get("contrast"), other.get("contrast")} == _VENOUS:
        both["contrast"] = "portal venous"
    return both


def _shared(parts: Sequence[Told]) -> list[Told]:
    """Each part with the plane, sequence and contrast that stand for it too."""
    full = [dict(part) for part in parts]
    for field in ("modality", "plane", "sequence", "fat"):
        for index, part in enumerate(parts):
            value = _nearest(parts, index, field) if field not in part else None
            if value is not None and not _is_of_ct_and_mr(part | {field: value}):
                full[index][field] = value
    for index, part in enumerate(parts):
        if "contrast" not in part:
            value = _shared_contrast(parts, full, index)
            if value is not None:
                full[index]["contrast"] = value
    return full


def _is_of_ct_and_mr(told: Told) -> bool:
    return told.get("modality") == "CT" and told.get("sequence") in MR_SEQUENCES


def _nearest(parts: Sequence[Told], index: int, field: str) -> str | None:
    if field == "fat":
        return None
    others = [*reversed(parts[:index]), *parts[index + 1 :]]
    return next((value for part in others if (value := part.get(field)) is not None), None)


def _shared_contrast(parts: Sequence[Told], full: Sequence[Told], index: int) -> str | None:
    """What contrast a part without a word of its own has, or None where that is open.

    Parts that each name a sequence share no contrast; "STIR and post-contrast STIR" tells that the first of the
    same two pictures is the one before.
    """
    for other in (*reversed(range(index)), *range(index + 1, len(parts))):
        if "contrast" not in parts[other]:
            continue
        contrast: str = parts[other]["contrast"]
        if "sequence" not in parts[index] or ("sequence" not in parts[other] and other < index):
            return contrast
        twins = all(full[index].get(field) == full[other].get(field) for field in ("sequence", "plane"))
        if twins and contrast == "post-contrast" and other > index:
            return "pre-contrast"
    return None


def _folded(views: list[Told], parts: list[Told]) -> list[Told]:
    """`views` with what another run of words adds: more about them, or more pictures."""
    if not views or not parts:
        return views or parts
    if len(parts) == 1 and not any(_conflict(view, parts[0]) for view in views):
        return [_merged(view, parts[0]) for view in views]
    if len(views) == 1 and not any(_conflict(views[0], part) for part in parts):
        return [_merged(views[0], part) for part in parts]
    return views + [part for part in parts if not any(part.items() <= view.items() for view in views)]


def _labels_follow(passage: Passage, words: Sequence[PictureWord], panels: Sequence[PanelSpan]) -> bool:
    """Whether labels stand behind what they name: "axial (A) and coronal (B)"."""
    start = panels[0].start
    before = [word for word in words if passage.end(word.last - 1) <= start]
    if not before or passage.text[passage.end(before[-1].last - 1) : start].strip():
        return False
    after = passage.text[panels[0].start : panels[0].end].strip("()[] ")[len(panels[0].label) :].lstrip(")] ")
    return after.startswith(("and", ",", "&", ";")) or len(panels) == 1


def _behind_their_pictures(
    passage: Passage, runs: Sequence[Sequence[PictureWord]], panels: Sequence[PanelSpan]
) -> list[PanelSpan]:
    """The panels from the words before their labels on, where all have such: "Axial CT (A) shows …; MRI (B) …"."""
    starts = [passage.starts[run[0].first] for run in runs]
    ends = {passage.end(run[-1].last - 1): start for run, start in zip(runs, starts, strict=True)}
    firsts = []
    for panel in panels:
        told = passage.text[: panel.start].rstrip(" ([")
        behind = passage.text[panel.start : panel.end].lstrip("([").removeprefix(panel.label).lstrip(") ]")
        if len(told) not in ends or panel.end - len(behind) in starts:
            return []
        firsts.append(ends[len(told)])
    lasts = [*firsts[1:], len(passage.text)]
    return [PanelSpan(panel.label, *span) for panel, *span in zip(panels, firsts, lasts, strict=True)]


def _views_of_panels(
    passage: Passage, runs: Sequence[Sequence[PictureWord]], panels: Sequence[PanelSpan]
) -> tuple[CaptionView, ...]:
    """The pictures of each panel, with what the words before the first label say of all."""
    views: list[Told] = []
    preface: list[Told] = []
    for run in _runs_in(passage, runs, 0, panels[0].start):
        preface = _folded(preface, _conjuncts(passage, run))
    common = preface[0] if len(preface) == 1 else {}
    for panel in panels:
        own: list[Told] = []
        for run in _runs_in(passage, runs, panel.start, panel.end):
            own = _folded(own, _conjuncts(passage, run))
        if not own and _is_of_tissue(passage, panel):
            own = [{"modality": "histology"}]
        views.extend(common | part for part in own or [{}])
    return tuple(_view(told) for told in _with_modality(views))


def _is_of_tissue(passage: Passage, panel: PanelSpan) -> bool:
    """Whether the panel, of which nothing else is told, shows tissue under a microscope."""
    first, last = (bisect_left(passage.starts, place) for place in (panel.start, panel.end))
    hits = (picture_phrases().at(passage.norms, index, last) for index in range(first, last))
    return any(hit is not None and hit[1][0].get("modality") == "histology" for hit in hits)


def _runs_in(
    passage: Passage, runs: Sequence[Sequence[PictureWord]], start: int, end: int
) -> Iterator[list[PictureWord]]:
    for run in runs:
        inside = [word for word in run if start <= passage.starts[word.first] < end]
        if inside:
            yield inside


def _with_modality(views: Iterable[Told]) -> Iterator[Told]:
    """Each view with the modality its sequence implies, or that all others have."""
    told = [dict(view) for view in views]
    for view in told:
        if view.get("sequence") in MR_SEQUENCES:
            view.setdefault("modality", "MR")
        if view.get("sequence") in _BY_MR and _is_of_ct_and_mr(view):
            view["modality"] = "MR"
    named = {view["modality"] for view in told if "modality" in view}
    for view in told:
        if "modality" not in view and len(named) == 1 and view.get("sequence") != "scout":
            view["modality"] = next(iter(named))
        yield view


def _view(told: Told) -> CaptionView:
    return CaptionView(
        modality=told.get("modality"),
        plane=told.get("plane"),
        sequence=told.get("sequence"),
        fat_suppressed=True if "fat" in told else None,
        contrast=told.get("contrast"),
    )


def modality_of(views: Sequence[CaptionView]) -> str | None:
    """ "CT", "MR", both as "CT+MR", another one alone, or None."""
    named = [view.modality for view in views if view.modality]
    both = [modality for modality in ("CT", "MR") if modality in named]
    if both:
        return "+".join(both)
    return named[0] if named else None


def contrast_of(views: Sequence[CaptionView]) -> str | None:
    """The contrast of all views, "mixed" where they differ, or None."""
    told = {view.contrast for view in views if view.contrast or view.modality != "CT"} or {None}
    if told <= {None}:
        return None
    return "mixed" if len(told) > 1 else next(iter(told))


def in_order(values: Iterable[str | None]) -> tuple[str, ...]:
    """The values that are told, each once, in order."""
    return tuple(dict.fromkeys(value for value in values if value))
