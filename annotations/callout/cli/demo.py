"""`demo`: the whole main job on the sample cases: images, report, masks, links, exports, figures, viewer."""

from __future__ import annotations

import argparse
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import callout
from callout.case import Case
from callout.cli.out import write_figures
from callout.cli.printing import say, warn
from callout.cli.view import has_screen, run_viewer, viewer_is_installed
from callout.errors import CaseError, InputError
from callout.exports import import_masks

SAMPLES = ("thorax", "spine")
READER = "demo"
DEMO_EDITS = 2  # importing the masks, linking them


def demo(options: argparse.Namespace) -> int:
    """Run it on every sample; then the viewer on the thorax, where there is a screen and the viewer."""
    folder = Path(options.output)
    for name in SAMPLES:
        _run_sample(sample_folder(name), folder / name, name)
    say("")
    say("These are synthetic cases of no patient. Next: callout show " + str(folder / "thorax" / "thorax.callout"))
    if options.no_viewer or not has_screen() or not viewer_is_installed():
        return 0
    return run_viewer([str(folder / "thorax" / "thorax.callout")])


def sample_folder(name: str) -> Path:
    """Where a sample case is: in the package, or beside the source root of an editable install."""
    package = Path(callout.__file__).parent
    for place in (package / "sample_dicoms", package.parents[1] / "sample_dicoms"):
        if (place / name / "demo.toml").is_file():
            return place / name
    raise InputError(f"the sample case {name} is not installed", remedy="install callout again")


def _run_sample(sample: Path, folder: Path, name: str) -> None:
    plan = tomllib.loads((sample / "demo.toml").read_text("utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.callout"
    _make_room(path)
    with demo_case(name, path) as case:
        say(f"{path}: {len(case.series)} series, {len(case.mentions)} mentions")
        say(f"  {len(case.findings)} findings, {len(case.links)} links, {len(case.todo)} still to do")
        exported = callout.export(case, folder, to=["seg", "nifti"])
        for file in exported.files:
            say(f"  {file}")
        for note in exported.notes:
            warn(note)
        labels = [figure.label for figure in case.report.figures] if case.report else []
        for file in write_figures(case, labels, folder, plan["draw"]):
            say(f"  {file}")


def demo_case(name: str, path: Path) -> Case:
    """A new case of a sample, open, with its masks linked to its words."""
    sample = sample_folder(name)
    plan = tomllib.loads((sample / "demo.toml").read_text("utf-8"))
    case = callout.create_case(path, sample / "images", sample / plan["report"], reader=READER)
    try:
        import_masks(case, *sorted(file for pattern in plan["masks"] for file in sample.glob(pattern)))
        _link(case, plan["links"])
    except BaseException:
        case.close()
        raise
    return case


def _make_room(path: Path) -> None:
    """Take away the case of an earlier demo; one that somebody made or worked on is kept under another name."""
    if not path.exists():
        return
    with callout.open_case(path, reader=READER) as case:
        touched = case.made_by != READER or len(case.history) > DEMO_EDITS
    if not touched:
        path.unlink()
        return
    number = 1
    while (kept := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    path.rename(kept)
    say(f"{kept}: the case that was there, kept since somebody worked on it")


def _link(case: Case, links: dict[str, Any]) -> None:
    """Link, as one edit, every finding whose name fits one of the patterns that a mention is given."""
    with case.one_edit("link the findings to the words"):
        for mention, names in links.items():
            meant = [f for f in case.findings if any(fnmatchcase(f.name, name) for name in names)]
            if not meant:
                raise CaseError(f"no finding is called {', '.join(names)}", mention, "see demo.toml")
            for finding in meant:
                case.link(finding, mention)
