"""`python -m napari_callout [CASE or PATH…]`: the viewer in a process of its own."""

from __future__ import annotations

import argparse
import sys


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and open the window; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m napari_callout", description="Open Callout's viewer.")
    parser.add_argument("paths", nargs="*", metavar="CASE or PATH", help="a case, or folders of DICOM")
    parser.add_argument("--reader", help="who draws (default: as the preferences say, else who made the case)")
    parser.add_argument("--all-readers", action="store_true", help="see what all readers found, to look only")
    parser.add_argument("--screenshot", metavar="FILE", help="save a picture of the window there, and end")
    parser.add_argument("--size", default="1600x1000", metavar="WxH", help="of the window, in pixels")
    given = parser.parse_args(arguments)
    try:
        width, height = (int(part) for part in given.size.split("x"))
    except ValueError:
        parser.error(f"--size {given.size}: say WIDTHxHEIGHT, such as 1600x1000")
    from napari_callout.launch import launch

    return launch(
        given.paths,
        reader=given.reader,
        all_readers=given.all_readers,
        screenshot=given.screenshot,
        size=(width, height),
    )


if __name__ == "__main__":
    sys.exit(main())
