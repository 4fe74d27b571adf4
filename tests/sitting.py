"""What is drawn of the samples, region by region; as a program, a sitting at it, which can be killed and goes on."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotator import READER, Annotator, Seen, seen_in

from callout.cli.demo import sample_folder

PATIENCE_S = 300.0


@dataclass(frozen=True)
class Step:
    """One thing that is drawn: the truth's name of it, its series, for which words, and how.

    link: the finding, as a menu names it, that the words speak of too. begins: it is a lesion of its own. shown: the
    series that it is drawn from, where that is another one.
    """

    words: str
    name: str
    title: str
    draw: Callable[[Annotator, Seen], object]
    link: str = ""
    begins: bool = True
    shown: str = ""

    def do(self, annotator: Annotator, before: Step | None) -> None:
        """Draw it."""
        if before is None or before.words != self.words:
            annotator.next_mention(self.words)
            if self.link:
                annotator.link(self.link)
        elif self.begins:
            annotator.do("next lesion")
        self.go_on(annotator)

    def go_on(self, annotator: Annotator) -> None:
        """Draw it, or what is still to be drawn of it, where its words or its finding are chosen."""
        annotator.show(annotator.seen[self.name, self.shown or self.title])
        self.draw(annotator, annotator.seen[self.name, self.title])


def outlined(step: int) -> Callable[[Annotator, Seen], object]:
    """Round it on each so many slices, and interpolated."""
    return lambda annotator, seen: annotator.outline(seen, seen.every(step))


def grown_cavity(annotator: Annotator, seen: Seen) -> None:
    """Its wall, then what that encloses in each slice, and the wall's blurred rim."""
    annotator.grow(seen, 70, 50, ("flat or in space", "fill holes", "grow margin"))


def grown(half: float) -> Callable[[Annotator, Seen], object]:
    """What hangs together with a click, in a range of so much on each side."""
    return lambda annotator, seen: annotator.grow(seen, 60, half)


def projected(annotator: Annotator, seen: Seen) -> None:
    """Onto another series."""
    annotator.project(seen.title)


def kept(annotator: Annotator, seen: Seen) -> None:
    """As it is: it is drawn there already."""


def close_up(times: float) -> Callable[[Annotator, Seen], object]:
    """Round it on every slice, in a view so many times as large."""

    def draw(annotator: Annotator, seen: Seen) -> None:
        annotator.zoom_in(seen, times)
        annotator.outline(seen, seen.every(1))

    return draw


CHEST, MASS, PREVERTEBRAL = "2 · Chest 5.0 mm", "soft tissue mass", "soft tissue mass, prevertebral part"
LEFT_MASS = "left soft-tissue mass"
DUCT, CANAL, ROOT = "left hydroureteronephrosis", "soft tissue mass, spinal canal", "nerve root compression, left L"
FORAMEN, AXIAL = "soft tissue mass, left neural foramen L", ("6 · AX STIR", "8 · AX T1 TSE +C")
CORONAL, COPIES = "4 · COR T1 TSE", (
    "7 · COR T1 TSE +C", "5 · COR STIR", "9 · COR STIR +C",
    *(f"{series} (axial-{n})" for series in AXIAL for n in (1, 2, 3)),
)  # fmt: skip

THORAX = (
    *(Step("1:1", f"cavitating lesion, {site}", CHEST, grown_cavity)
      for site in ("right upper lobe", "right lower lobe", "left upper lobe 1", "left upper lobe 2")),
    Step("1:1", "cavitating lesion, left lower lobe", CHEST, outlined(1)),
    *(Step("1:2", f"ground glass, {site}", CHEST, outlined(2))
      for site in ("right middle lobe", "left upper lobe", "right upper lobe")),
    *(Step("1:3", f"consolidation, {site}", CHEST, outlined(2)) for site in ("left lower lobe", "right lower lobe")),
)  # fmt: skip
SPINE = (
    Step("1:#1", MASS, "1 · LOCALIZER (coronal)", outlined(1)),
    Step("1:#1", MASS, "1 · LOCALIZER (sagittal)", outlined(1), begins=False),
    Step("2:#1", MASS, CORONAL, outlined(2), LEFT_MASS, False),
    *(Step("2:#1", MASS, title, projected, begins=False, shown=CORONAL) for title in COPIES),
    Step("3:#1", MASS, "5 · COR STIR", kept, LEFT_MASS, False),
    Step("3:#2", DUCT, "5 · COR STIR", grown(30)),
    Step("3:#2", DUCT, "9 · COR STIR +C", grown(40), begins=False),
    Step("4:#1", PREVERTEBRAL, "3 · SAG STIR", outlined(3)),
    Step("4:#1", PREVERTEBRAL, "2 · SAG T2 TSE", projected, begins=False, shown="3 · SAG STIR"),
    Step("5:#1", MASS, "6 · AX STIR (axial-2)", kept, LEFT_MASS, False),
    *(Step("5:#1", f"{FORAMEN}{level}", f"{series} ({stack})", close_up(3), begins="STIR" in series)
      for level, stack in (("2-L3", "axial-2"), ("3-L4", "axial-3")) for series in AXIAL),
    *(Step("5:#2", f"{ROOT}{level}", f"{AXIAL[0]} ({stack})", close_up(6))
      for level, stack in (("2-L3", "axial-2"), ("3-L4", "axial-3"))),
    *(Step("5:#3", CANAL, f"{series} ({stack})", close_up(3), begins=False)
      for series in AXIAL for stack in ("axial-2", "axial-3")),
)  # fmt: skip
PLANS = {"thorax": THORAX, "spine": SPINE}


def follow(annotator: Annotator, steps: Sequence[Step], first: int = 0) -> None:
    """Draw, from step `first` on."""
    for number, step in enumerate(steps[first:], first):
        annotator.begin(step.name)
        step.do(annotator, steps[number - 1] if number else None)


def main(words: Sequence[str]) -> None:
    """SAMPLE CASE STEPS DRAGS: draw a sample's first steps, so many drags of the next one, and half a drag; then wait
    for the end. SAMPLE CASE STEPS: go on from there. What is in the case is told as JSON.
    """
    sample, path, plan, steps = words[0], Path(words[1]), PLANS[words[0]], int(words[2])
    viewer = napari.Viewer(show=False)
    host = Host(viewer, READER)
    viewer.window.show()
    annotator = Annotator(host, seen_in(sample, path.parent / "eyes"))
    if len(words) > 3:
        source = sample_folder(sample)
        annotator.open_study(source / "images")
        annotator.new_case(path, source / "report.txt")
        annotator.hang("1")
        follow(annotator, plan[:steps])
        annotator.halt, annotator.drags_left = lambda: _wait(annotator), int(words[3])
        follow(annotator, plan[: steps + 1], steps)
    case = annotator.open_case(path)
    annotator.begin(plan[steps].name)
    annotator.click(host.findings.rows[case.findings[-1].id])
    plan[steps].go_on(annotator)
    follow(annotator, plan, steps + 1)
    annotator.tell()
    host.close()
    viewer.close()


def _wait(annotator: Annotator) -> None:
    annotator.tell()
    time.sleep(PATIENCE_S)


if __name__ == "__main__":
    import napari

    from napari_callout.host.host import Host

    main(sys.argv[1:])
