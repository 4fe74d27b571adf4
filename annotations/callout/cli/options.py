"""The commands and their options; what a command does is imported when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NoReturn

from callout.version import __version__

Run = Callable[[argparse.Namespace], int]
READER = "the one of `callout preferences`"


class _Parser(argparse.ArgumentParser):
    """argparse, with its errors in the words and on the one line of all others."""

    def error(self, message: str) -> NoReturn:
        from callout.cli.printing import warn

        warn(f"{message} — {self.prog}: see `{self.prog} --help`")
        self.exit(2)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(
        prog="callout",
        description="Draw the findings of a radiology case report, tie each region to the words of its captions, "
        "export labelled masks and reproduce the figures. For research and publication; not a medical device.",
    )
    top.add_argument("--version", action="version", version=f"callout {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="command")

    def command(name: str, run: str, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        made.set_defaults(run=_later(run))
        return made

    _looking(command)
    _words(command)
    _cases(command)
    _measuring(command)
    _linking(command)
    _out(command)
    _settings(command)
    return top


Command = Callable[[str, str, str], argparse.ArgumentParser]


def _looking(command: Command) -> None:
    view = command("view", "view:view", "open the viewer on a case, or on folders of DICOM")
    view.add_argument("paths", nargs="*", metavar="CASE or PATH")
    view.add_argument("--reader", metavar="NAME", help=f"who draws (default: {READER}, else who made the case)")
    view.add_argument("--all-readers", action="store_true", help="see what all readers found, to look only")
    demo = command("demo", "demo:demo", "do the whole main job on the sample cases, then open the viewer")
    demo.add_argument("-o", "--output", default="callout-demo", metavar="DIR", help="default: %(default)s")
    demo.add_argument("--no-viewer", action="store_true", help="end without the viewer, also where there is a screen")
    inspect = command("inspect", "images:inspect", "list the series found, with geometry and warnings")
    inspect.add_argument("paths", nargs="+", metavar="PATH")
    inspect.add_argument("--pixels", action="store_true", help="decode every image too")
    _json(inspect)
    convert = command("convert", "images:convert", "write each stack as one volume file")
    convert.add_argument("paths", nargs="+", metavar="PATH")
    convert.add_argument("-o", "--output", required=True, metavar="DIR")
    convert.add_argument("--series", metavar="SERIES", help="only this one (an id of `inspect`, or a part of it)")
    convert.add_argument("--format", choices=("nifti", "nrrd"), default="nifti")


def _words(command: Command) -> None:
    report = command("report", "words:report", "show figures, captions and mentions of a report")
    report.add_argument("file", metavar="FILE")
    _vocabulary(report)
    _json(report)
    caption = command("caption", "words:caption", "analyse one caption")
    caption.add_argument("text", metavar="TEXT", help="the caption; - reads JSON lines {id, text} from stdin")
    _vocabulary(caption)
    _json(caption)


def _cases(command: Command) -> None:
    new = command("new", "cases:new", "make a case")
    new.add_argument("case", metavar="CASE")
    new.add_argument("--images", nargs="+", required=True, metavar="PATH")
    new.add_argument("--report", metavar="FILE", help="txt, md, html, xml (JATS), pdf or docx")
    new.add_argument("--reader", metavar="NAME", help=f"who makes it (default: {READER}, else reader)")
    new.add_argument("--blinded", action="store_true", help="readers don't see each other's findings")
    new.add_argument("--same-patient", action="store_true", help="take images of several PatientIDs as one person's")
    show = command("show", "cases:show", "show what the case holds and what is still to do")
    show.add_argument("case", metavar="CASE")
    show.add_argument("--reader", metavar="NAME", help="as that reader sees it (default: all readers' findings)")
    _at(show)
    _json(show)
    add = command("add", "cases:add", "add a finding from a mask file on that series' lattice")
    add.add_argument("case", metavar="CASE")
    add.add_argument("--series", required=True, metavar="SERIES", help="an id of `inspect`, or a part of it")
    add.add_argument("--mask", required=True, metavar="FILE", help="NIfTI, NRRD, DICOM SEG or RTSTRUCT")
    add.add_argument("--label", type=int, metavar="N", help="which label of the mask")
    add.add_argument("--finding", required=True, metavar="CONCEPT", help="what it is, as cavity, GGO or cyst")
    add.add_argument("--laterality", choices=("left", "right", "bilateral"))
    add.add_argument("--mention", metavar="FIGURE:MARKER", help="link it, as 1:2, or 1:#2 for the second mention")
    _reader(add)
    into = command("import", "cases:import_files", "add findings from DICOM SEG, RTSTRUCT, SR, NIfTI or NRRD files")
    into.add_argument("case", metavar="CASE")
    into.add_argument("files", nargs="+", metavar="FILE")
    into.add_argument("--series", metavar="SERIES", help="where a mask without a frame of reference belongs")
    into.add_argument("--resample", action="store_true", help="draft a mask of another grid on --series")
    into.add_argument("--threshold", type=float, metavar="PART", help="of a fractional segmentation: 0.5 unless told")
    _reader(into)
    history = command("history", "cases:history", "list every edit: who, when, what")
    history.add_argument("case", metavar="CASE")
    history.add_argument("--region", metavar="ID", help="only the edits that this region's voxels are made of")
    history.add_argument(
        "--voxel",
        nargs=3,
        type=int,
        metavar=("K", "J", "I"),
        help="with --region: who set that voxel (slice, row, column, from 0)",
    )
    _json(history)
    backup = command("backup", "files:backup", "copy a case, also one that is open elsewhere")
    backup.add_argument("case", metavar="CASE")
    backup.add_argument("-o", "--output", required=True, metavar="CASE")
    recover = command("recover", "files:recover", "save what can be read of a damaged case into a new one")
    recover.add_argument("case", metavar="CASE")
    recover.add_argument("-o", "--output", required=True, metavar="CASE")
    relink = command("relink", "files:relink", "find a case's images again after they moved")
    relink.add_argument("case", metavar="CASE")
    relink.add_argument("paths", nargs="+", metavar="PATH")


def _measuring(command: Command) -> None:
    measure = command("measure", "measure:measure", "measure every region: size, volume, intensity, enhancement")
    measure.add_argument("case", metavar="CASE")
    measure.add_argument("--reader", metavar="NAME", help="as that reader sees it (default: all readers' findings)")
    measure.add_argument(
        "--relative-to", metavar="FINDING", help="tissue that enhancement on T1 is related to, as muscle"
    )
    _at(measure)
    form = measure.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="print a table for spreadsheets")
    form.add_argument("--json", action="store_true", help="print one JSON document")


def _linking(command: Command) -> None:
    link = command("link", "cases:link", "link a finding to words of the report, or show which links fit")
    link.add_argument("case", metavar="CASE")
    link.add_argument("finding", nargs="?", metavar="FINDING", help="its id (see `show`); without it: what fits which")
    link.add_argument("mention", nargs="?", metavar="FIGURE:MARKER", help="as 1:2, or 1:#2 for the second mention")
    _json(link)
    _reader(link)
    write = command("write", "cases:write", "type a caption, the body or the title of a case's report")
    write.add_argument("case", metavar="CASE")
    which = write.add_mutually_exclusive_group(required=True)
    which.add_argument("--figure", metavar="LABEL", help="the caption of this figure, which may be new")
    which.add_argument("--body", action="store_true", help="the text")
    which.add_argument("--title", action="store_true", help="the title")
    write.add_argument("text", metavar="TEXT", help="- reads it from stdin")
    _reader(write)


def _out(command: Command) -> None:
    export = command("export", "out:export", "write masks, measurements and figures, each file read back first")
    export.add_argument("case", metavar="CASE")
    export.add_argument("-o", "--output", required=True, metavar="DIR")
    formats = "seg, labelmap, rtstruct, sr, gsps, sc, nifti, nrrd, csv, json, or all that fit"
    export.add_argument("--to", nargs="+", required=True, metavar="FORMAT", help=formats)
    export.add_argument(
        "--compress", choices=("none", "deflated", "rle"), default="none", help="of DICOM files: %(default)s"
    )
    _at(export)
    verify = command("verify", "out:verify", "compare an export with its receipt again")
    verify.add_argument("folder", metavar="DIR")
    figure = command("figure", "out:figure", "reproduce the figures of the report")
    figure.add_argument("case", metavar="CASE")
    figure.add_argument("--figure", metavar="LABEL", help="only this one")
    figure.add_argument("-o", "--output", metavar="DIR")
    figure.add_argument(
        "--format", choices=("png", "tiff", "pdf", "svg"), default="png", help="%(default)s unless told"
    )
    figure.add_argument("--profile", metavar="NAME", help="as wanted: elsevier, springer, plos, wiley, print-grey")
    figure.add_argument("--dpi", type=int, metavar="N", help="of this run; the recipe keeps its own")
    figure.add_argument("--draw", nargs="+", default=[], metavar="EXTRA", help="also: outlines, scale-bar, letters")
    figure.add_argument("--spec", action="store_true", help="print the recipe as TOML")
    figure.add_argument("--from", dest="recipe", metavar="FILE", help="take this recipe and keep it in the case")
    _at(figure)
    page = command("html", "out:html", "write the report as one self-contained page, phrase and region tied together")
    page.add_argument("case", metavar="CASE")
    page.add_argument("-o", "--output", required=True, metavar="FILE")
    _at(page)


def _settings(command: Command) -> None:
    preferences = command("preferences", "preferences:preferences", "show what is set for all cases, or set it")
    preferences.add_argument("--reader", metavar="NAME", help="who reads, where a command does not say it")


def _json(made: argparse.ArgumentParser) -> None:
    made.add_argument("--json", action="store_true", help="print one JSON document")


def _vocabulary(made: argparse.ArgumentParser) -> None:
    made.add_argument("--vocabulary", metavar="FILE", help="your own concepts (default: the one of your preferences)")


def _at(made: argparse.ArgumentParser) -> None:
    made.add_argument("--at", type=int, metavar="EDIT", help="the case as it was after that edit (see `history`)")


def _reader(made: argparse.ArgumentParser) -> None:
    made.add_argument("--reader", metavar="NAME", help=f"who says so (default: {READER}, else who made the case)")


def _later(where: str) -> Run:
    """The function `MODULE:NAME` of this room, imported when it is called."""
    module, _, name = where.partition(":")

    def run(options: argparse.Namespace) -> int:
        from importlib import import_module

        status: int = getattr(import_module(f"callout.cli.{module}"), name)(options)
        return status

    return run
