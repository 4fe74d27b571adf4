"""The table of concepts: names, codes, colours, and finding one by what people write."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.errors import InputError
from callout.terms import (
    PRIVATE_SCHEME,
    Code,
    code_of,
    concept,
    concept_with_code,
    concepts,
    find_concept,
)
from callout.terms.words import normal, words_of


def test_every_concept_is_complete_and_stands_once() -> None:
    names = [found.name for found in concepts()]
    assert len(names) == len(set(names)) > 100
    for found in concepts():
        assert re.fullmatch("#[0-9A-F]{6}", found.colour)
        assert found.codes
        assert all(len(code.value) <= 16 for code in found.codes)


def test_no_two_concepts_share_a_code_or_a_word() -> None:
    codes = [(code.scheme, code.value) for found in concepts() for code in found.codes]
    assert len(codes) == len(set(codes))
    forms = {}
    for found in concepts():
        for form in {words_of(form) for form in (found.name, *found.synonyms)}:
            assert forms.setdefault(form, found.name) == found.name


def test_codes_and_their_meanings_are_those_that_dicom_publishes() -> None:
    from pydicom.sr._concepts_dict import concepts as published

    known = {
        (scheme, value, entry[0])
        for scheme in ("DCM", "SCT")
        for terms in published[scheme].values()
        for value, entry in terms.items()
    }
    ours = {code for found in concepts() for code in found.codes}
    assert {(c.scheme, c.value, c.meaning) for c in ours if c.scheme in ("DCM", "SCT")} <= known
    assert {code.scheme for code in ours} == {"DCM", "SCT", "RADLEX", PRIVATE_SCHEME}


def test_what_no_dictionary_has_is_visibly_private() -> None:
    for found in concepts():
        for code in found.codes:
            if code.scheme == PRIVATE_SCHEME:
                assert re.fullmatch("[A-Z-]{2,16}", code.value)
                assert code.meaning == found.name


@pytest.mark.parametrize(
    ("name", "scheme", "value"),
    [
        ("ground-glass opacity", "DCM", "112120"),
        ("mass", "SCT", "4147007"),
        ("consolidation", "RADLEX", "RID43255"),
        ("soft-tissue mass", PRIVATE_SCHEME, "SOFT-TISSUE-MASS"),
        ("cavity", PRIVATE_SCHEME, "CAVITY"),
    ],
)
def test_the_code_used_is_the_published_one_first(name: str, scheme: str, value: str) -> None:
    code = code_of(concept(name))
    assert (code.scheme, code.value) == (scheme, value)
    assert concept_with_code(scheme, value) is concept(name)


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("GGO", "ground-glass opacity"),
        ("ground glass", "ground-glass opacity"),
        ("Ground-glass opacities", "ground-glass opacity"),
        ("cavitating lesion, right upper lobe 1", "cavity"),
        ("soft tissue mass, left psoas", "soft-tissue mass"),
        ("soft-tissue masses", "soft-tissue mass"),
        ("big tumour of the left lung", "neoplasm"),
        ("haematomas", "haematoma"),
        ("hematoma", "haematoma"),
        ("right hydro-uretero-nephrosis", None),
        ("Hydroureteronephrosis left", "hydroureteronephrosis"),
        ("Segment 1", None),
        ("", None),
        (", , ,", None),
    ],
)
def test_a_free_name_finds_its_concept(phrase: str, name: str | None) -> None:
    found = find_concept(phrase)
    assert (found and found.name) == name


def test_a_wrong_name_is_refused_with_near_ones() -> None:
    with pytest.raises(InputError, match="cavity"):
        concept("cavty")
    assert concept("oedemas") is concept("edema")


def test_a_code_that_dicom_can_not_hold_is_refused() -> None:
    with pytest.raises(InputError):
        Code("99CALLOUT", "A-VALUE-OF-MORE-THAN-16", "too long")


def test_findings_of_one_picture_differ_in_colour() -> None:
    lung = {concept(name).colour for name in ("cavity", "ground-glass opacity", "consolidation", "soft-tissue mass")}
    assert len(lung) == 4


@given(st.text())
def test_any_phrase_is_answered(phrase: str) -> None:
    found = find_concept(phrase)
    assert found is None or found in concepts()


@given(st.sampled_from([form for found in concepts() for form in (found.name, *found.synonyms)]), st.text(max_size=20))
def test_every_form_finds_its_concept_whatever_follows_the_comma(form: str, rest: str) -> None:
    found = find_concept(form)
    assert found is concept(form.upper())
    assert find_concept(f"{form}, {rest}".replace(",,", ",")) is not None


@given(st.text(max_size=20))
def test_a_word_in_its_compared_form_has_no_case(word: str) -> None:
    assert normal(word) == normal(word).casefold()
