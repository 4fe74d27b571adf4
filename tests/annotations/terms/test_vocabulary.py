"""A user's own concepts: read, refused by name, used everywhere, and missed without harm."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import made_cases
import pytest

import callout
from callout.errors import InputError
from callout.terms import code_of, concept, concept_or_unknown, concepts, vocabulary_file
from callout.terms.vocabulary import USER_SCHEME, VARIABLE, read_vocabulary
from callout.terms.words import words_of

KNOWN = {words_of(form): found for found in concepts() for form in (*found.synonyms, found.name)}
OWN = """
[[concept]]
name = "corona mortis"
drawn = true
colour = "#00ff00"
synonyms = ["crown of death"]
private = "CORONA-MORTIS"

[[concept]]
name = "plica"
drawn = false
endings = ["plica"]
codes = [["99HOSPITAL", "P1", "Plica"]]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "vocabulary.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_own_concepts_have_their_words_codes_and_colours(tmp_path: Path) -> None:
    corona, plica = read_vocabulary(written(tmp_path, "\ufeff" + OWN), KNOWN)
    assert (corona.name, corona.synonyms, corona.colour, corona.drawn) == (
        "corona mortis",
        ("crown of death",),
        "#00FF00",
        True,
    )
    assert (code_of(corona).scheme, code_of(corona).value) == (USER_SCHEME, "CORONA-MORTIS")
    assert (code_of(plica).scheme, plica.drawn, plica.endings) == ("99HOSPITAL", False, ("plica",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[concept", "not TOML"),
        ("a = 1", "nothing else"),
        ("concept = 3", "nothing else"),
        ("[[concept]]\nprivate = 'X'", "name"),
        ("[[concept]]\nname = 'plica'", "no code"),
        ("[[concept]]\nname = 'plica'\nprivate = 'lower case'", "no private code"),
        ("[[concept]]\nname = 'plica'\nprivate = 'X'\ncolour = 'mauve'", "no colour"),
        ("[[concept]]\nname = 'plica'\nprivate = 'X'\nsynonym = []", "no 'synonym'"),
        ("[[concept]]\nname = 'plica'\nprivate = 'X'\nsynonyms = [1]", "list of words"),
        ("[[concept]]\nname = 'plica'\nprivate = 'X'\nendings = ['a']", "three letters"),
        ("[[concept]]\nname = 'plica'\ncodes = [['SCT', '1']]", "scheme, value, meaning"),
        ("[[concept]]\nname = 'plica'\ncodes = [['99CALLOUT', 'CAVITY', 'Cavity']]", "no published scheme"),
        ("[[concept]]\nname = 'plica'\ncodes = [['DCM', '112120', 'GGO']]", "that of 'ground-glass opacity'"),
        ("[[concept]]\nname = 'Cavities'\nprivate = 'X'", "names 'cavity' already"),
        ("[[concept]]\nname = 'plica'\nprivate = 'X'\nsynonyms = ['ground-glass opacities']", "already"),
        ("[[concept]]\nname = 'plica'\nprivate = 'X'\n[[concept]]\nname = 'plicas'\nprivate = 'Y'", "already"),
    ],
)
def test_what_is_no_vocabulary_is_refused_and_says_where(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError, match=said) as refused:
        read_vocabulary(path, KNOWN)
    assert str(path) in str(refused.value)


def test_a_file_that_is_vast_or_no_text_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "#" * (1 << 21))
    with pytest.raises(InputError, match="1 MB"):
        read_vocabulary(path, KNOWN)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_vocabulary(path, KNOWN)


def test_no_file_is_no_vocabulary_unless_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_vocabulary(tmp_path / "none.toml", KNOWN) == ()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none.toml"))
    with pytest.raises(InputError, match=VARIABLE):
        read_vocabulary(vocabulary_file(), KNOWN)


def test_the_analyser_the_search_and_findings_use_it(tmp_path: Path) -> None:
    path = written(tmp_path, OWN)
    program = (
        "from callout.reports import analyse_caption\n"
        "from callout.terms import concept, search\n"
        "print([m.concept for m in analyse_caption('CT: crowns of death and a suprapatellar plica.').mentions])\n"
        "print(search('mort', 1)[0].name, concept('Crown of Death').name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {VARIABLE: str(path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["['corona mortis', 'plica']", "corona mortis corona mortis"]


def test_a_synonym_that_callout_knows_is_the_users_own_once_they_name_it(tmp_path: Path) -> None:
    text = "[[concept]]\nname = 'hazy lung'\nsynonyms = ['ground glass', 'GGN']\nprivate = 'HAZY'\n"
    program = (
        "from callout.reports import analyse_caption\n"
        "from callout.terms import concept, search\n"
        "print([m.concept for m in analyse_caption('CT: GGN, ground glass and ground-glass opacity.').mentions])\n"
        "print(concept('Ground glass').name, concept('GGO').name, search('GGN', 1)[0].name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {VARIABLE: str(written(tmp_path, text))},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "['hazy lung', 'hazy lung', 'ground-glass opacity']",
        "hazy lung ground-glass opacity hazy lung",
    ]


@pytest.mark.parametrize("command", [["caption", "CT: crowns of death"], ["report", "report.txt"]])
def test_a_command_takes_another_vocabulary(tmp_path: Path, command: list[str]) -> None:
    written(tmp_path, OWN)
    (tmp_path / "report.txt").write_text("Figure 1. CT: crowns of death.\n", encoding="utf-8")
    (tmp_path / "broken.toml").write_text("[[concept", encoding="utf-8")

    def run(vocabulary: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-m", "callout", *command, "--vocabulary", vocabulary]
        return subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "corona mortis" in run("vocabulary.toml").stdout
    for broken in ("broken.toml", "none.toml", ""):
        refused = run(broken)
        assert (refused.returncode, refused.stderr.count("\n"), refused.stdout) == (2, 1, "")


def test_a_concept_of_a_vocabulary_that_is_not_here_has_a_stand_in() -> None:
    missing = concept_or_unknown("corona mortis")
    assert (missing.name, code_of(missing).value) == ("corona mortis", "UNKNOWN-CONCEPT")
    assert missing.colour == concept_or_unknown("corona mortis").colour


def test_a_case_with_such_a_concept_opens_and_only_its_codes_are_refused(tmp_path: Path) -> None:
    vocabulary = written(tmp_path, OWN)
    program = (
        "import sys, made_cases\n"
        "from pathlib import Path\n"
        "case = made_cases.case(Path(sys.argv[1]))\n"
        "case.add_finding('crown of death')\n"
        "case.close()\n"
    )
    tests = str(Path(made_cases.__file__).parent)
    paths = os.pathsep.join(filter(None, [tests, os.environ.get("PYTHONPATH")]))
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env=os.environ | {VARIABLE: str(vocabulary), "PYTHONPATH": paths},
        check=True,
    )
    with callout.open_case(tmp_path / "a.callout") as case:
        assert [finding.concept for finding in case.findings] == ["corona mortis"]
        with pytest.raises(InputError, match="vocabulary"):
            concept(case.findings[0].concept)
