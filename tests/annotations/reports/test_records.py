"""The records of a report: what they refuse, and as JSON there and back for any text."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callout.errors import InputError
from callout.reports import (
    Caption,
    Figure,
    Mention,
    PanelSpan,
    Part,
    Picture,
    Report,
    analyse_body,
    analyse_caption,
    read_report_bytes,
    read_report_text,
)
from callout.terms import concept

_WORDS = """
    mass lesion cavity soft tissue left right both bilateral lungs kidney L1 L2-L3 T1 T2 T1-weighted axial coronal
    STIR CT MRI and or with without no of in at into from to level vertebra 3 cm x × 12.1 mm (1) (arrow) (a) (b)
    [1] * = : ; , . - – consol- idation pre- post-contrast contrast-enhanced not seen suggestive may be the these
    compression nerve root figure Fig. Figure 1. ![x](y.png) enhancement suspected dilated was ureter ground glass
    GGO lower lobe enlarged lymph node ?
"""
WORDS = st.sampled_from([*_WORDS.split(), "\n"])
TEXTS = st.one_of(st.text(), st.lists(WORDS, max_size=40).map(" ".join))
PRINTED = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n")),
    st.lists(WORDS, max_size=40).map(" ".join),
)


@given(TEXTS)
@example("L1=URETER")
@example("At the level of L3 the aorta (A) and the kidney (K)")
def test_offsets_are_those_of_the_text_as_it_is(text: str) -> None:
    caption = analyse_caption(text)
    assert caption.text == text
    assert list(caption.mentions) == sorted(caption.mentions, key=lambda mention: mention.start)
    for number, mention in enumerate(caption.mentions, start=1):
        assert text[mention.start : mention.end] == mention.text
        assert mention.id == f":#{number}"
        assert mention.drawn == concept(mention.concept).drawn
        assert set(mention.levels) == {level for part in mention.parts for level in part.levels}
    for earlier, later in zip(caption.mentions, caption.mentions[1:], strict=False):
        assert earlier.end <= later.start


@given(TEXTS)
def test_the_same_text_is_read_the_same(text: str) -> None:
    assert analyse_caption(text) == analyse_caption(text)
    assert [mention.text for mention in analyse_body(text)] == [text[m.start : m.end] for m in analyse_body(text)]


@given(TEXTS)
def test_a_caption_as_json_and_back(text: str) -> None:
    caption = analyse_caption(text, "1")
    assert Caption.from_json(json.loads(json.dumps(caption.to_json()))) == caption


@given(PRINTED, PRINTED)
def test_a_report_as_json_and_back(body: str, words: str) -> None:
    report = read_report_text(f"A title\n\nIntroduction. {body}\n\nFigure 1. {words}\n\n{body}")
    assert Report.from_json(json.loads(json.dumps(report.to_json()))) == report
    assert len({mention.id for mention in report.mentions}) == len(report.mentions)
    for mention in report.mentions:
        assert report.mention(mention.id) == mention


@given(st.binary(max_size=300))
def test_any_bytes_are_a_report_or_refused(data: bytes) -> None:
    message = ""
    try:
        assert read_report_bytes(data, "any.txt").name == "any.txt"
    except InputError as refused:
        message = str(refused)
    assert not message or "any.txt" in message


def test_pictures_go_by_name() -> None:
    picture = Picture("a.png", "image/png", b"bytes")
    report = Report("T", (Figure("1", Caption("A mass."), (picture,)),), "Body.", (), "r.txt")
    document = report.to_json()
    assert document["figures"][0]["pictures"] == ["a.png"]
    assert Report.from_json(document, {"a.png": picture}) == report
    assert Report.from_json(document).figures[0].pictures == ()


def test_the_document_has_the_keys_of_the_contract() -> None:
    document = read_report_text("Title\n\nBody.\n\nFigure 1. Axial CT (A) with a mass (1).").to_json()
    assert {"title", "figures", "body", "body_mentions"} <= document.keys()
    assert {"label", "caption", "analysis"} <= document["figures"][0].keys()
    analysis = document["figures"][0]["analysis"]
    assert list(analysis) == [
        "text", "modality", "planes", "sequences", "contrast", "region", "views", "panels", "mentions", "inferred",
    ]  # fmt: skip
    assert analysis["views"] == [
        {"modality": "CT", "plane": "axial", "sequence": None, "fat_suppressed": None, "contrast": None}
    ]
    assert list(analysis["mentions"][0]) == [
        "id", "start", "end", "text", "concept", "drawn", "marker", "laterality", "levels", "site", "parts",
        "measurement", "negated", "uncertain",
    ]  # fmt: skip


def test_records_refuse_what_can_not_be() -> None:
    with pytest.raises(ValueError, match="no span"):
        Mention(":#1", 3, 4, "mass", "mass", True)
    with pytest.raises(ValueError, match="no side"):
        Mention(":#1", 0, 4, "mass", "mass", True, laterality="port")
    with pytest.raises(ValueError, match="does not stand"):
        Caption("a mass", mentions=(Mention(":#1", 0, 4, "mass", "mass", True),))
    with pytest.raises(ValueError, match="panel"):
        Caption("a", panels=(PanelSpan("a", 0, 9),))
    with pytest.raises(ValueError, match="part"):
        Part("liver", (), "lobe", "at")


def test_equal_captions_have_equal_hashes() -> None:
    caption = analyse_caption("A mass (1)")
    assert hash(caption) == hash(analyse_caption("A mass (1)"))
