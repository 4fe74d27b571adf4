"""`export`, `verify`, `figure` and `html`: what leaves a case."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import callout
from callout.case import Case
from callout.cli.printing import say, warn
from callout.errors import CalloutError, InputError
from callout.exports.files import slug, write_atomically
from callout.figures.profiles import fitted, profile_named, unlike
from callout.figures.propose import recipe_of, unseen_views
from callout.figures.recipe import Recipe
from callout.figures.recipe_file import from_toml, to_toml
from callout.figures.render import Kind, render
from callout.figures.source import CaseSource


def export(options: argparse.Namespace) -> int:
    """Labelled masks, each file read back before it is there."""
    with callout.open_case(options.case, read_only=True, at=options.at) as case:
        exported = callout.export(case, options.output, to=options.to, compression=options.compress)
    for path in exported.files:
        say(str(path))
    for note in exported.notes:
        warn(note)
    for reason in exported.left_out:
        warn(f"left out — {reason}")
    return 0


def verify(options: argparse.Namespace) -> int:
    """An export against its receipt."""
    problems = callout.verify(options.folder)
    for problem in problems:
        say(f"{problem.file}: {problem.message}")
    if not problems:
        say(f"{options.folder}: every file holds what its receipt says")
    return 1 if problems else 0


def figure(options: argparse.Namespace) -> int:
    """The figures of the report, as `figure-LABEL.FORMAT`; or their recipes."""
    if options.recipe:
        if options.at is not None:
            raise InputError("the past keeps no recipe", remedy="leave out --at or --from")
        _keep_recipe(options)
    if not options.output and not options.spec:
        if options.recipe:
            return 0
        raise InputError("where should the figures go?", remedy="say -o DIR, or --spec to see the recipe")
    with callout.open_case(options.case, read_only=True, at=options.at) as case:
        labels = _labels(case, options.figure)
        source = CaseSource(case)
        if options.spec:
            for label in labels:
                say_recipe(_recipe(case, label, source, options.draw))
        if options.output:
            for path in write_figures(
                case,
                labels,
                Path(options.output),
                options.draw,
                dpi=options.dpi,
                kind=options.format,
                profile=options.profile,
            ):
                say(str(path))
    return 0


def html(options: argparse.Namespace) -> int:
    """The report as one page that needs nothing else."""
    from callout.exports.page import write_page

    path = Path(options.output)
    with callout.open_case(options.case, read_only=True, at=options.at) as case:
        for note in write_page(case, path):
            warn(note)
    say(str(path))
    return 0


def say_recipe(recipe: Recipe) -> None:
    """A recipe on stdout, as `--from` takes it back."""
    sys.stdout.flush()
    sys.stdout.buffer.write(to_toml(recipe).encode() + b"\n")  # TOML is UTF-8, whatever the locale


def _keep_recipe(options: argparse.Namespace) -> None:
    try:
        text = Path(options.recipe).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("not a recipe", options.recipe, "choose a TOML file as `figure --spec` prints it") from error
    try:
        recipe = from_toml(text)
    except InputError as error:
        remedy = error.remedy or "mend it, or start from what `figure --spec` prints"
        raise InputError(error.what, error.where or options.recipe, remedy) from error
    label = options.figure or recipe.label
    with callout.open_case(options.case) as case:
        render(recipe, CaseSource(case))  # what can't be drawn is not kept
        case.set_recipe(label, text)


def _labels(case: Case, label: str | None) -> list[str]:
    if label is not None:
        return [label]
    if case.report is None or not case.report.figures:
        raise InputError("the case has no figures", str(case.path), "make it with a report that has some")
    return [figure.label for figure in case.report.figures]


def _recipe(case: Case, label: str, source: CaseSource, extras: list[str]) -> Recipe:
    if extras and label in case.recipes:
        warn(f"figure {label}: its own recipe says what is drawn, so --draw does nothing")
    return recipe_of(case, label, source, extras)


def write_figures(
    case: Case,
    labels: list[str],
    folder: Path,
    extras: list[str],
    *,
    dpi: int | None = None,
    kind: Kind = "png",
    profile: str | None = None,
) -> list[Path]:
    """Render figures into `folder`; one that nothing can show is left out with a warning, unless it is the only one.

    Raises InputError where no figure could be drawn; then nothing is written.
    """
    source = CaseSource(case)
    rules = profile_named(profile) if profile else None
    drawn: list[tuple[Path, bytes]] = []
    for label in labels:
        try:
            recipe = _recipe(case, label, source, extras or list(rules.draw if rules else ()))
            recipe = fitted(recipe, rules) if rules else recipe
            rendered = render(replace(recipe, dpi=dpi) if dpi is not None else recipe, source)
        except CalloutError as error:
            if len(labels) == 1:
                raise
            warn(str(error))
            continue
        for unseen in unseen_views(case, label):
            warn(f"figure {label}: no series shows {unseen}")
        for note in (*rendered.notes, *(unlike(rules, rendered.height_mm, kind) if rules else ())):
            warn(f"figure {label}: {note}")
        drawn.append((folder / f"figure-{slug(label)}.{kind}", rendered.file(kind)))
    if not drawn:
        raise InputError("no figure could be drawn", str(case.path), "see the warnings above")
    folder.mkdir(parents=True, exist_ok=True)
    for path, data in drawn:
        write_atomically(path, data)
    return [path for path, _ in drawn]
