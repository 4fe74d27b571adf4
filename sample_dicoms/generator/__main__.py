"""Makes the sample cases: `python -m generator thorax|spine [-o DIR]`, run from sample_dicoms/."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path


def main() -> None:
    """Write one case into DIR (default: beside the generator, in a folder of the case's name)."""
    parser = argparse.ArgumentParser(prog="python -m generator", description=__doc__)
    parser.add_argument("case", choices=["thorax", "spine"])
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="folder to write into")
    given = parser.parse_args()
    folder = given.output or Path(__file__).resolve().parents[1] / given.case
    importlib.import_module(f"{__package__}.{given.case}").write(folder)


if __name__ == "__main__":
    main()
