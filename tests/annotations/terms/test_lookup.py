"""Concepts for what is being typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.terms import concepts, search


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("GGO", "ground-glass opacity"),
        ("ground gla", "ground-glass opacity"),
        ("glass ground", "ground-glass opacity"),
        ("oede", "oedema"),
        ("edem", "oedema"),
        ("marrow ede", "bone marrow oedema"),
        ("haem", "haematoma"),
        ("hemorr", "haemorrhage"),
        ("abscesses", "abscess"),
        ("cav", "cavity"),
        ("cavitating les", "cavity"),
        ("sac thecal", "thecal sac compression"),
        ("kidney stone", "calculus"),
        ("PE", "pulmonary embolism"),
    ],
)
def test_what_is_typed_finds_the_best_first(typed: str, first: str) -> None:
    assert search(typed, 5)[0].name == first


def test_nothing_typed_and_nothing_known_find_nothing() -> None:
    assert search("") == search(" ,;") == search("qqqq") == search("cyst", 0) == ()


@given(st.sampled_from([form for found in concepts() for form in (found.name, *found.synonyms)]))
def test_every_form_finds_its_concept_first(form: str) -> None:
    assert form in (search(form, 1)[0].name, *search(form, 1)[0].synonyms)


@given(st.text(max_size=30), st.integers(-1, 5))
def test_any_text_is_answered(text: str, limit: int) -> None:
    assert len(search(text, limit)) <= max(limit, 0)
