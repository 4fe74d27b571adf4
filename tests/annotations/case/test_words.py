"""A report written by hand: typed words are edits, and links stay where the new text still says it."""

from __future__ import annotations

from pathlib import Path

import made_cases
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import callout
from callout.case import Case
from callout.case.matching import proposals
from callout.errors import EditRefused, InputError


@pytest.fixture
def case(tmp_path: Path):
    with made_cases.case(tmp_path) as case:
        case.link(case.add_finding("cavity"), "1:1")
        case.link(case.add_finding("ground-glass opacity"), "1:2")
        yield case


def told(case: Case) -> dict[str, str]:
    return {mention.id: mention.text for mention in case.mentions if not mention.id.startswith("body")}


def linked(case: Case) -> list[str]:
    return [link.mention_id for link in case.links]


def test_links_follow_their_words_and_those_lost_are_told_and_come_back_with_undo(case: Case) -> None:
    was = case.report
    lost = case.set_caption("1", "CT: nodule (3), ground glass opacity (2) and, larger, a cavitating lesion (1).")
    assert lost == ()
    assert told(case) == {"1:#3": "nodule", "1:#2": "ground glass opacity", "1:#1": "cavitating lesion"}
    assert case.finding(case.links[0].finding_id).concept == "cavity"
    lost = case.set_caption("1", "CT: ground glass opacity (2).")
    assert [link.mention_id for link in lost] == ["1:#1"]
    assert linked(case) == ["1:#2"]
    case.set_caption("1", "CT: ground glass opacity (2) and a cavitating lesion (1).")
    assert told(case) == {"1:#2": "ground glass opacity", "1:#4": "cavitating lesion"}  # no id is given twice
    for _ in range(3):
        case.undo()
    assert case.report == was
    assert linked(case) == ["1:#1", "1:#2"]
    with callout.open_case(case.path, read_only=True, at=6) as past:
        assert linked(past) == ["1:#2"]


def test_words_can_t_go_while_another_reader_s_link_stands_on_them(case: Case) -> None:
    case.set_caption("1", "CT: cavitating lesion (1), ground glass opacity (2), nodule (3).")
    case.close()
    with callout.open_case(case.path, reader="r2") as other:
        other.link(other.findings[0], "1:3")
    with callout.open_case(case.path, reader="r1") as again:
        with pytest.raises(EditRefused, match="edit 6"):
            again.undo()
        assert "1:#3" in told(again)
    with callout.open_case(case.path, reader="r2") as other:
        other.undo()
    with callout.open_case(case.path, reader="r1") as again:
        again.undo()
    with callout.open_case(case.path, reader="r2") as other, pytest.raises(EditRefused, match="words"):
        other.redo()


def test_a_report_can_be_typed_from_nothing(tmp_path: Path) -> None:
    with made_cases.case(tmp_path, report=None) as case:
        case.set_title("A cavity")
        case.set_caption("2", "Coronal T2 MR: paravertebral mass (arrow), 5 × 4 cm.")
        case.set_caption("1", "Axial CT: cavity (1).")
        case.set_body("The mass grew. Figure 1 shows the chest.")
    with callout.open_case(case.path) as case:
        assert case.report is not None
        assert [figure.label for figure in case.report.figures] == ["1", "2"]
        assert case.report.title == "A cavity"
        assert [mention.concept for mention in case.todo] == ["cavity", "mass"]
        case.link(case.add_finding("mass"), "2:arrow")
        for bad in ({"label": "", "text": "x"}, {"label": "a\nb", "text": "x"}, {"label": "3", "text": "\udcff"}):
            with pytest.raises(InputError):
                case.set_caption(**bad)
        assert len(case.history) == 6


def test_a_mention_s_decision_goes_with_its_words(case: Case) -> None:
    case.set_mention_state("1:2", "not drawn", "too faint")
    case.set_caption("1", "CT: cavitating lesion (1).")
    case.set_caption("1", "CT: cavitating lesion (1), ground glass opacity (2).")
    assert case.mention_state(case.mention("1:2"))[0] == "todo"


def test_what_a_microscope_shows_in_one_panel_is_not_to_be_drawn(case: Case) -> None:
    case.set_caption("3", "(a) CT shows a mass. (b) Histology shows a round cell tumour.")
    told = [case.mention_state(one) for one in case.mentions if one.id.startswith("3:")]
    assert told == [("todo", ""), ("not drawn", "histology")]


PHRASES = ("cavitating lesion (1)", "ground glass opacity (2)", "nodule (3)", "nodules", "no pleural effusion", "CT of")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.lists(st.sampled_from(PHRASES), max_size=5), min_size=1, max_size=4))
def test_whatever_is_typed_every_link_has_its_words_and_undo_leads_back(case: Case, texts: list[list[str]]) -> None:
    before, count = (case.report, linked(case)), len(case.history)
    for words in texts:
        case.set_caption("1", ", ".join(words))
        assert set(linked(case)) <= set(told(case))
        assert len(told(case)) == len(case.report.figures[0].caption.mentions)
    with callout.open_case(case.path, read_only=True) as look:
        assert (look.report, linked(look)) == (case.report, linked(case))
    for edit in case.history[count:][::-1]:
        if edit.undoes is None:
            case.undo()
    assert (case.report, linked(case)) == before


def test_the_words_that_fit_a_finding_come_first_and_those_that_contradict_it_not_at_all(tmp_path: Path) -> None:
    report = """Cavities

Text.

Figure 1. Axial CT: left cavity (1), right cavity (2), no nodule, and a left pleural effusion (3).

Figure 2. Sagittal T2 MR: cavity (1).
"""
    with made_cases.case(tmp_path, report=report) as case:
        finding = case.add_finding("cavity", laterality="right")
        case.add_region(finding, case.series[0].id)
        assert [proposal.mention_id for proposal in proposals(case)] == ["1:#2", "2:#1"]
        assert proposals(case)[0].reasons == ("cavity", "right", "figure 1 shows its series")
        case.link(finding, "1:2")
        assert [proposal.mention_id for proposal in proposals(case, finding)] == ["2:#1"]
        assert not case.todo or len(case.links) == 1  # proposing links nothing


def test_a_lobe_speaks_for_words_of_the_same_lobe_only(tmp_path: Path) -> None:
    report = (
        "Cavities\n\nText.\n\nFigure 1. Axial CT: cavity (1) in the right upper lobe, cavity (2) in the right lung.\n"
    )
    with made_cases.case(tmp_path, report=report) as case:
        lower = case.add_finding("cavity", laterality="right", site="right lower lobe")
        upper = case.add_finding("cavity", laterality="right", site="right upper lobe")
        assert [proposal.mention_id for proposal in proposals(case, lower)] == ["1:#2"]
        assert "right lung" not in proposals(case, lower)[0].reasons
        best = proposals(case, upper)[0]
        assert (best.mention_id, best.reasons[:3]) == ("1:#1", ("cavity", "right", "right upper lobe"))
