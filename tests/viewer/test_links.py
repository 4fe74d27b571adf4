"""Links, proposals and sizes, without a window."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import made_study
import numpy as np
import pytest

from callout.case import Case, Region
from callout.errors import InputError
from napari_callout.session import Session
from napari_callout.session.links import findings_for, link_between, lost_text, tie, tie_hint, words_for
from napari_callout.session.naming import Naming, concept_choices, naming
from napari_callout.session.offers import Offers, offers_to
from napari_callout.session.rows import finding_rows, mention_rows
from napari_callout.session.selection import Lit, Selection
from napari_callout.session.sizes import Sizes


@pytest.fixture
def case(session: Session) -> Case:
    assert session.case is not None
    return session.case


@pytest.fixture
def sizes() -> Iterator[Sizes]:
    one = Sizes()
    yield one
    one.close()


def until(done: Callable[[], object]) -> None:
    for _ in range(1000):
        if done():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")


def drawn(session: Session, name: str = made_study.AXIAL, size: int = 6) -> Region:
    case = session.case
    assert case is not None
    series = made_study.named(session, name)
    region = case.add_region(case.add_finding("ground-glass opacity"), series.id)
    mask = np.zeros(series.grid.shape, bool)
    mask[0, 10 : 10 + size, 10:14] = True
    case.set_mask(region, mask)
    return region


def test_a_link_is_made_broken_and_made_alone_in_one_edit_each(case: Case) -> None:
    mention, cavity, other = case.mention("1:1"), case.add_finding("cavity"), case.add_finding("lesion")
    before = len(case.history)
    assert "cavity" in tie(case, cavity.id, mention.id)
    assert link_between(case, cavity.id, mention.id) is not None
    assert "no longer" in tie(case, cavity.id, mention.id)
    assert case.links == ()
    tie(case, cavity.id, mention.id)
    assert "alone" in tie_hint(case, other.id, mention.id, instead=True)
    assert "alone" in tie(case, other.id, mention.id, instead=True)
    assert [(link.finding_id, link.mention_id) for link in case.links] == [(other.id, mention.id)]
    assert len(case.history) == before + 4
    case.undo()
    assert [link.finding_id for link in case.links] == [cavity.id]
    with pytest.raises(InputError):
        tie(case, "f99", mention.id)


def test_many_to_many_and_what_is_linked_comes_first(case: Case) -> None:
    one, two = case.mention("1:1"), case.mention("1:2")
    first, second = case.add_finding("cavity"), case.add_finding("lesion", site="left upper lobe")
    for finding, mention in ((second, one), (second, two), (first, two)):
        tie(case, finding.id, mention.id)
    assert [(c.id, c.linked) for c in findings_for(case, one.id)] == [(second.id, True), (first.id, False)]
    assert {c.id for c in words_for(case, second.id) if c.linked} == {one.id, two.id}
    assert words_for(case, first.id)[0].text == "ground glass opacity (2), fig. 1"
    assert Lit.of_mention(case, two.id) == Lit(frozenset({two.id}), frozenset({first.id, second.id}))
    assert Lit.of_finding(case, second.id).mention_ids == {one.id, two.id}
    assert Lit.of_finding(case, "gone") == Lit()


def test_words_that_are_lost_are_told(case: Case) -> None:
    finding, mention = case.add_finding("cavity"), case.mention("1:1")
    case.link(finding, mention)
    lost = case.set_caption("1", "Axial CT: ground glass opacity (2).")
    assert "a link lost the words: cavity" in lost_text(case, lost)
    assert lost_text(case, ()) == ""


def test_a_link_is_proposed_and_never_made(session: Session, case: Case, sizes: Sizes) -> None:
    region, offers, mention = drawn(session), Offers(sizes), case.mention("1:2")
    found = offers.of(case)
    assert [(offer.finding_id, offer.mention_id) for offer in found] == [(region.finding_id, mention.id)]
    assert case.links == ()
    assert [offer.finding_id for offer in offers_to(case, mention, sizes)] == [region.finding_id]
    rows = finding_rows(case, Selection(), None, sizes, found)
    assert rows[0].offer == found[0]
    todo, _ = mention_rows(case, Selection(), found)
    assert next(row.offer for row in todo if row.mention_id == mention.id) == found[0]
    tie(case, found[0].finding_id, found[0].mention_id)
    assert offers.of(case) == ()


def test_sizes_are_measured_once_per_edit_of_their_region(
    session: Session, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_callout.session import sizes as module

    measured, really = [], module.measure
    monkeypatch.setattr(module, "measure", lambda mask, grid: measured.append(mask) or really(mask, grid))
    region, other = drawn(session), drawn(session, made_study.CORONAL)
    arrived: list[bool] = []
    sizes = Sizes(lambda: arrived.append(True))
    try:

        def sizes_of() -> tuple[str, ...]:
            rows = finding_rows(case, Selection(), None, sizes)
            return tuple(line for row in rows for line in row.lines if "mm" in line)

        until(lambda: len(sizes_of()) == 2)
        assert sizes_of()[0] == "5 × 4 mm · 0.038 ml, series 3 · axial"
        assert len(measured) == 2
        case.set_mention_state("1:1", "not drawn", "not visible")
        case.flip_bits(region, np.ones((1, 8, 4), bool), (2, 10, 10))
        until(lambda: sizes_of()[0].startswith("7 × "))
        assert len(measured) == 3
        case.undo()
        until(lambda: sizes_of()[:1] == ("5 × 4 mm · 0.038 ml, series 3 · axial",))
        assert sizes.longest_mm(case, other) is not None
        assert len(measured) == 4
    finally:
        sizes.close()


def test_nothing_is_measured_on_a_localizer(session: Session, case: Case, sizes: Sizes) -> None:
    region = drawn(session, made_study.SCOUT)
    assert "24 pixels, series 1 · scout" in finding_rows(case, Selection(), None, sizes)[0].lines
    assert sizes.longest_mm(case, region) is None


def test_the_term_that_was_typed_stays(case: Case) -> None:
    (choice,) = concept_choices("cavitating lesion")[:1]
    assert naming(choice, "left") == Naming("cavity", "left", "left cavitating lesion")
    (plain,) = concept_choices("ground-glass opac")[:1]
    assert naming(plain, None) == Naming("ground-glass opacity", None, "")
    assert concept_choices("") == ()
    assert concept_choices("qqqq") == ()
    assert Naming.of(case.add_finding("cavity", laterality="left")) == Naming("cavity", "left", "")
