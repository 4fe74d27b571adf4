"""`make docs`: every recipe in this folder as a PNG beside it, from the sample cases; the same bytes each time.

A recipe's name starts with its case: a sample's, or a data set's below the folder that CALLOUT_DATA names; where that
is not set, the pictures of data sets stay as they are.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import callout
from callout.case import Case
from callout.cli.demo import SAMPLES, demo_case
from callout.exports.files import write_atomically
from callout.figures.recipe_file import from_toml
from callout.figures.render import render
from callout.figures.source import CaseSource

HERE = Path(__file__).parent
DATA_SETS = {"lidc0314": "lidc0314_ct30"}  # first word of a recipe's name: folder


def main() -> None:
    """Build them all, case by case."""
    names: dict[str, list[Path]] = {}
    for path in sorted(HERE.glob("*.toml")):
        names.setdefault(path.stem.partition("-")[0], []).append(path)
    with tempfile.TemporaryDirectory(prefix="callout-docs-") as folder:
        for name, recipes in names.items():
            with_case = Path(folder) / f"{name}.callout"
            if name in SAMPLES:
                case = demo_case(name, with_case)
            elif "CALLOUT_DATA" in os.environ:
                images = Path(os.environ["CALLOUT_DATA"]) / DATA_SETS[name]
                case = callout.create_case(with_case, images, reader="docs")
            else:
                print(f"{name}: CALLOUT_DATA is not set, its pictures stay as they are", file=sys.stderr)
                continue
            with case:
                build(case, recipes)


def build(case: Case, recipes: list[Path]) -> None:
    """Draw recipes of one case. A note of what could not be drawn as asked ends it all."""
    source = CaseSource(case)
    for path in recipes:
        rendered = render(from_toml(path.read_text("utf-8")), source)
        if rendered.notes:
            raise SystemExit(f"{path.name}: {'; '.join(rendered.notes)}")
        write_atomically(path.with_suffix(".png"), rendered.png)
        print(path.with_suffix(".png").name)


if __name__ == "__main__":
    main()
