"""What regions measure: worked out beside the window, once per edit of a region."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, TimeoutError
from contextlib import suppress
from dataclasses import dataclass

from callout.case import Case, Finding, Region
from callout.case.model import Mark
from callout.case.reference import reference_of
from callout.masks import Mask, measure, volume_text
from callout.masks.measures import Measures
from napari_callout.session.report_pictures import title_of

PATIENCE_S = 0.008  # a window may wait for this long before it goes on without a size


@dataclass(frozen=True, eq=False)
class _Work:
    mask: Mask
    result: Future[Measures | None]


class Sizes:
    """The measures of regions as they are now; a region is measured anew only when its voxels changed.

    arrived: called, by another thread, when measures are there that `of` did not have yet.
    """

    def __init__(self, arrived: Callable[[], object] = lambda: None) -> None:
        self._arrived = arrived
        self._worker = ThreadPoolExecutor(1, "sizes")
        self._work: dict[str, _Work] = {}

    def of(self, case: Case, region: Region) -> Measures | None:
        """The region's measures; None where it is empty, or where they are still to come (`coming`)."""
        mask = case.region_mask(region)
        work = self._work.get(region.id)
        if work is None or work.mask is not mask:  # the case gives out the same mask until it changes
            if work is not None:
                work.result.cancel()
            idle = all(other.result.done() for other in self._work.values())
            grid = case.series_of(region.series_id).grid
            work = self._work[region.id] = _Work(mask, self._worker.submit(measure, mask, grid))
            if idle:
                self._wait(work.result)
            if not work.result.done():
                work.result.add_done_callback(self._tell)
        return _found(work.result)

    def coming(self, region: Region) -> bool:
        """Whether the measures that `of` was asked for are still being worked out."""
        work = self._work.get(region.id)
        return work is not None and not work.result.done()

    def longest_mm(self, case: Case, region: Region) -> float | None:
        """The longest diameter in mm; None where none is known yet, and on a localizer."""
        if not case.series_of(region.series_id).is_measurable:
            return None
        found = self.of(case, region)
        return found.long_axis_mm if found is not None else None

    def forget(self) -> None:
        """Another case is there: nothing measured so far is of use, and its masks are let go."""
        for work in self._work.values():
            work.result.cancel()
        self._work.clear()

    def close(self) -> None:
        """Measure nothing more, and forget everything."""
        self._arrived = lambda: None
        self._worker.shutdown(wait=True, cancel_futures=True)
        self._work.clear()

    def _wait(self, result: Future[Measures | None]) -> None:
        with suppress(TimeoutError, CancelledError):
            result.exception(PATIENCE_S)

    def _tell(self, result: Future[Measures | None]) -> None:
        if not result.cancelled():
            self._arrived()


def _found(result: Future[Measures | None]) -> Measures | None:
    if not result.done() or result.cancelled() or result.exception() is not None:
        return None
    return result.result()


def size_text(case: Case, finding: Finding, sizes: Sizes, shown: str | None = None) -> str:
    """What is drawn of a finding: "31 × 24 mm · 9.8 ml" on one series, and on how many more it is drawn.

    That is its reference where its reader chose one, then with what it measures on the `shown` series; else that one,
    else its largest, as everywhere. Sizes of several series are never added: they may show the same place.
    Nothing is measured on a localizer.
    """
    regions = [region for region in case.regions if region.finding_id == finding.id]
    drawn = {region.series_id: region for region in regions if case.region_mask(region).crop.size}
    if not drawn:
        return marks_text(case, finding) or ("erased" if regions else "nothing drawn")
    others = f", and on {len(drawn) - 1} more" if len(drawn) > 1 else ""
    measurable = {name: region for name, region in drawn.items() if case.series_of(name).is_measurable}
    if not measurable:
        region = drawn.get(str(shown)) or max(drawn.values(), key=lambda one: case.region_mask(one).count)
        return f"{case.region_mask(region).count} pixels{_on(case, region)}{others}"
    chosen, here = measurable.get(str(finding.reference)), measurable.get(str(shown))
    region = chosen or here or _largest(case, finding, measurable, sizes)
    where = _on(case, region) + (", its reference" if chosen and len(drawn) > 1 else "")
    beside = f"; here {_measured_text(case, here, sizes)}" if chosen and here and chosen is not here else ""
    return f"{_measured_text(case, region, sizes)}{where}{others}{beside}"


def _on(case: Case, region: Region) -> str:
    return f", series {case.series_of(region.series_id).title}" if len(case.series) > 1 else ""


def _largest(case: Case, finding: Finding, regions: Mapping[str, Region], sizes: Sizes) -> Region:
    """By what they measure; while that is still to come for one of them, that one."""
    if len(regions) == 1:
        return next(iter(regions.values()))
    found = {name: sizes.of(case, region) for name, region in regions.items()}
    coming = next((region for region in regions.values() if sizes.coming(region)), None)
    known = {name: measures.size for name, measures in found.items() if measures is not None}
    return coming or regions[reference_of(finding, known) or next(iter(regions))]


def _measured_text(case: Case, region: Region, sizes: Sizes) -> str:
    measures = sizes.of(case, region)
    return "measuring …" if measures is None and sizes.coming(region) else measures_text(measures)


def marks_text(case: Case, finding: Finding) -> str:
    """A finding's marks and what they measure, by where they lie: "calipers 12 mm, arrow, series 3 · CT"; "" for none.

    The picture of a figure is called as that; "px" are its pixels.
    """
    told: dict[str, list[str]] = {}
    for mark in case.marks:
        if mark.finding_id == finding.id:
            measures = case.measures_of(mark)
            words = f"{mark.kind} {measures.in_words}" if measures else mark.kind
            told.setdefault(_where(case, mark), []).append(words)
    return "; ".join(", ".join([*words, *((where,) if where else ())]) for where, words in told.items())


def _where(case: Case, mark: Mark) -> str:
    if mark.series_id is None:
        return title_of(case, str(mark.picture))
    return f"series {case.series_of(mark.series_id).title}" if len(case.series) > 1 else ""


def measures_text(measures: Measures | None) -> str:
    """Both axes in whole mm, of the largest part where there are several, and the volume of all where slices tell one.

    >>> measures_text(None)
    'not measured'
    """
    if measures is None:
        return "not measured"
    parts = f" (largest of {measures.parts} parts)" if measures.parts > 1 else ""
    axes = f"{measures.long_axis_mm:.0f} × {measures.short_axis_mm:.0f} mm{parts}"
    return f"{axes} · {volume_text(measures.volume_mm3)}" if measures.volume_mm3 else axes
