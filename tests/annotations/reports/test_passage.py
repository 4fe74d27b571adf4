"""A text's tokens: each stands where it is said to, and is found by its word as by going through all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callout.reports.tokens import holds_one, read_passage

WORDS = st.sampled_from(
    ["intra-", "cranial ", "adeno-\n", "carcinoma", " 1.8", "I. V.", "\u00b2", "masses", ".", "\u2013", " ", "\n"]
)
TEXTS = st.lists(WORDS | st.text(max_size=4), max_size=20).map("".join)


@given(TEXTS)
def test_each_token_stands_where_it_is_said_to(text: str) -> None:
    passage = read_passage(text, frozenset({"intracranial", "adenocarcinoma"}))
    ends = [passage.end(index) for index in range(len(passage.texts))]
    assert [passage.text[start:end] for start, end in zip(passage.starts, ends, strict=True)] == passage.texts
    assert all(end <= start for end, start in zip(ends, passage.starts[1:], strict=False))


@given(TEXTS, st.integers(0, 20), st.integers(0, 20))
def test_words_are_found_as_by_going_through_all(text: str, first: int, last: int) -> None:
    passage = read_passage(text)
    found = passage.where(str.isalpha)
    assert found == [index for index, word in enumerate(passage.norms) if word.isalpha()]
    assert holds_one(found, first, last) == any(first <= index < last for index in found)
