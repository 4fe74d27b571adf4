"""What captions of many journals say in their own manner: names, states, markers, sides and levels."""

from __future__ import annotations

from importlib import resources

import pytest

from callout.reports import Caption, Mention, analyse_caption


def mention(caption: Caption, words: str) -> Mention:
    """The mention whose text is `words`."""
    found = [mention for mention in caption.mentions if mention.text == words]
    assert len(found) == 1, [mention.text for mention in caption.mentions]
    return found[0]


@pytest.mark.parametrize(
    ("text", "words", "concept"),
    [
        ("CT shows an enlarged thyroid gland.", "enlarged thyroid gland", "hypertrophy"),
        ("Infection of the L3/L4 disc is seen.", "Infection of the L3/L4 disc", "discitis"),
        (
            "Thickening of the presternal soft tissues.",
            "Thickening of the presternal soft tissues",
            "soft-tissue swelling",
        ),
        ("MRI shows a thin corpus callosum.", "thin corpus callosum", "atrophy"),
        ("There is a necrotic glenoid rim (arrow).", "necrotic glenoid", "necrosis"),
        ("CT shows a thickened acetabular lip (arrow).", "thickened acetabular lip", "hypertrophy"),
        ("CT shows collapse; apical segment collapse is old.", "apical segment collapse", "atelectasis"),
        ("CT shows fluid in the hepatorenal space.", "fluid", "free fluid"),
        ("The mass has calcifications and fat (arrow).", "fat", "fat"),
        ("Stenosis of the neural foramen.", "Stenosis of the neural foramen", "foraminal stenosis"),
        ("Subcutaneous oedema over the fibula.", "Subcutaneous oedema", "oedema"),
        ("CT shows phleboliths (arrows).", "phleboliths", "calcification"),
        ("CT shows a stricture of the ureter.", "stricture", "stenosis"),
        ("Effusion within the facet joints.", "Effusion", "fluid collection"),
        ("A disc extrusion, likely a sequestration, is seen.", "sequestration", "disc herniation"),
        ("CT shows portal vein compression.", "portal vein compression", "stenosis"),
        ("Loss of vertebral disk height.", "Loss of vertebral disk height", "disc height loss"),
        ("Encasement of the right pulmonary artery.", "Encasement of the right pulmonary artery", "invasion"),
    ],
)
def test_what_things_are_named_for_their_place_and_state(text: str, words: str, concept: str) -> None:
    assert mention(analyse_caption(text), words).concept == concept


def test_what_a_verb_tells_is_no_finding() -> None:
    for text in ("A nodule narrowing the left ureter.", "A nodule widening the canal."):
        assert [found.text for found in analyse_caption(text).mentions] == ["nodule"]


@pytest.mark.parametrize(
    ("text", "words", "marker"),
    [
        ("CT shows a nodule marked with an N.", "nodule", "n"),
        ("Indicated by a red arrow is the haematoma.", "haematoma", "red arrow"),
        ("The white arrow shows a stone, black arrow perirenal abscess.", "perirenal abscess", "black arrow"),
        ("T1 + C: dural enhancement (arrows).", "dural enhancement", "arrow"),
        ("Case 2: a liver cyst (arrow).", "liver cyst", "arrow"),
        ("CT: a tumour at L2; note the stomach (arrow).", "stomach", "arrow"),
        ("Subluxation (double-headed arrow) of the joint.", "Subluxation", "double-headed arrow"),
        ("The descending aorta (DA) lies beside the left atrium (LA).", "left atrium", "la"),
        ("Abscess of the spleen: rim enhancement (arrow).", "Abscess", None),
        ("Arrows refer to thickening of the ileum.", "thickening of the ileum", "arrow"),
    ],
)
def test_markers_in_other_manners(text: str, words: str, marker: str | None) -> None:
    assert mention(analyse_caption(text), words).marker == marker


@pytest.mark.parametrize(
    ("text", "words", "side"),
    [
        ("Both ovaries show cysts; the left one also contains a calcification.", "calcification", "left"),
        ("A mass lies to the right of the aorta.", "mass", None),
        ("Bullae and blebs are seen bilaterally.", "Bullae", "bilateral"),
        ("Metastases in the left frontal, left parietal and right occipital lobes.", "Metastases", "bilateral"),
        ("CT shows the left ventricle (arrow).", "left ventricle", None),
        ("A cyst with adjacent fat stranding in the left groin.", "cyst", "left"),
        ("Axial MRI at the level of L3: right synovial cyst.", "synovial cyst", "right"),
    ],
)
def test_sides_in_other_manners(text: str, words: str, side: str | None) -> None:
    found = [one for one in analyse_caption(text).mentions if one.text in (words, words.removeprefix("left "))]
    assert [one.laterality for one in found] == [side]


@pytest.mark.parametrize(
    ("text", "words", "levels"),
    [
        ("The collection reaches from T-11 to L-2.", "collection", ("T11-L2",)),
        ("At C4/5 and C5/6 there are osteophytes and foraminal stenosis.", "foraminal stenosis", ("C4-C5", "C5-C6")),
        ("A lipoma extending from C6 to T1 narrowing the canal.", "lipoma", ("C6-T1",)),
        ("An abscess over the L2 to the L4 levels.", "abscess", ("L2-L4",)),
        ("A scar goes down from L2 to the sacrum.", "scar", ("L2",)),
    ],
)
def test_levels_in_other_manners(text: str, words: str, levels: tuple[str, ...]) -> None:
    assert mention(analyse_caption(text), words).levels == levels


def test_an_abbreviation_in_brackets_is_no_finding_again() -> None:
    for text in ("A subarachnoid haemorrhage (SAH) is seen.", "A hepatocellular carcinoma (HCC) is seen."):
        assert len(analyse_caption(text).mentions) == 1


def test_a_disease_or_artefact_is_told_of_only_where_a_marker_shows_it() -> None:
    caption = analyse_caption(
        "A cyst in a patient with portal hypertension; motion artefact. A streak artefact (arrow)."
    )
    assert [(found.text, found.marker) for found in caption.mentions] == [("cyst", None), ("streak artefact", "arrow")]


def test_hyperenhancement_that_differs_is_no_doubt() -> None:
    assert not mention(analyse_caption("CT shows differential enhancement of the liver."), "enhancement").uncertain


def test_every_row_of_places_is_whole() -> None:
    groups = {
        "vertebra", "posterior", "disc", "foramen", "canal", "sac", "cord", "root", "spine", "bone", "lung", "pleura",
        "chest", "vessel", "trachea", "bowel", "ureter", "kidney", "abdomen", "pelvis", "head", "neck", "extremity",
        "muscle", "device",
    }  # fmt: skip
    table = resources.files("callout.terms").joinpath("places.txt").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split(":")] for line in table.splitlines()]
    assert {len(row) for row in rows} == {4}
    assert {row[0] for row in rows} <= groups
    names = [name.strip() for row in rows for name in row[3].split(";")]
    assert all(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("text", "words", "marker"),
    [
        ("The inferior vena cava (IVC) (star) was flattened.", "inferior vena cava", "*"),
        (
            "CT angiography. White arrow, proper hepatic artery; black arrow, splenic artery.",
            "hepatic artery",
            "white arrow",
        ),
        ("LV, left ventricle; arrow, ventricular noncompaction.", "ventricular noncompaction", "arrow"),
        ("MRI shows onion-skin lamination (arrows).", "onion-skin lamination", "arrow"),
        ("CT shows vicarious excretion of contrast (arrow).", "contrast", "arrow"),
        ("A dilated 4th ventricle (star).", "dilated 4th ventricle", "*"),
        ("The right kidney contains a cyst (C, 3.4 cm).", "cyst", "c"),
        ("A cyst without haematoma or encroachment on the airway (arrow).", "cyst", "arrow"),
    ],
)
def test_no_marker_points_at_nothing(text: str, words: str, marker: str) -> None:
    assert mention(analyse_caption(text), words).marker == marker


@pytest.mark.parametrize(
    "text",
    [
        "CT didn't show a mass.",
        "CT didn\u2019t reveal a mass.",
        "CT did\u00b4nt show a mass.",
        "CT doesn't show any mass.",
        "There isn't a mass.",
        "No abnormal mass.",
        "No haemorrhage or mass change is seen.",
        "The effusion and mass had completely resolved.",
    ],
)
def test_what_is_not_there_in_short_forms_too(text: str) -> None:
    assert {found.negated for found in analyse_caption(text).mentions} == {True}


def test_no_change_of_a_mass_denies_no_mass_but_no_signal_change_denies_that() -> None:
    assert not mention(analyse_caption("No significant change of the mass."), "mass").negated
    assert mention(analyse_caption("No cord signal change is seen."), "cord signal change").negated


def test_a_size_of_is_that_of_what_follows() -> None:
    caption = analyse_caption("Subdural haematoma (arrow) with 11 mm of midline shift.")
    assert mention(caption, "midline shift").measurement is not None
    assert mention(caption, "Subdural haematoma").measurement is None


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("Infarct with swelling and enhancement in the right hemisphere.", ["right", "right", "right"]),
        ("Collection in the form of a small abscess in the left psoas.", ["left", "left"]),
        ("Erosion of the L4 vertebra and abscess in the left psoas.", [None, "left"]),
        ("Right parasagittal image shows a mass.", [None]),
    ],
)
def test_a_side_said_once_is_that_of_all_that_is_joined(text: str, sides: list[str | None]) -> None:
    assert [found.laterality for found in analyse_caption(text).mentions] == sides


@pytest.mark.parametrize(
    ("text", "views"),
    [
        ("CT neck with i.v. contrast: a collection.", [("CT", None, None, "post-contrast")]),
        ("Native computed tomography of the brain.", [("CT", None, None, "non-contrast")]),
        ("T2W sag: a syrinx.", [("MR", "sagittal", "T2", None)]),
        ("Cor pulmonale.", []),
        ("Coronal enhanced T1 weighted image.", [("MR", "coronal", "T1", "post-contrast")]),
        ("High-resolution chest computed tomography.", [("CT", None, "HRCT", None)]),
        ("CT and FLAIR images show an infarct.", [("CT", None, None, None), ("MR", None, "FLAIR", None)]),
        ("(A) CT and (B) STIR image.", [("CT", None, None, None), ("MR", None, "STIR", None)]),
        ("Axial CT of T1 shows a fracture.", [("CT", "axial", None, None)]),
        ("Axial images of T1 signal.", [("MR", "axial", "T1", None)]),
    ],
)
def test_how_pictures_were_made(text: str, views: list[tuple[str | None, ...]]) -> None:
    found = [(view.modality, view.plane, view.sequence, view.contrast) for view in analyse_caption(text).views]
    assert found == views


def test_no_marker_points_at_what_is_not_there() -> None:
    caption = analyse_caption("Enhancement of both nerves without meningeal thickening (circle).")
    assert [(found.marker, found.negated) for found in caption.mentions] == [("circle", False), (None, True)]


@pytest.mark.parametrize(
    ("text", "markers"),
    [
        ("(1) mass, (2) cyst and (3) ascites.", ["1", "2", "3"]),
        ("CT shows a (1) mass, a (2) cyst and (3) ascites.", ["1", "2", "3"]),
        ("Mass (1), cyst (2) and ascites (3).", ["1", "2", "3"]),
        ("No calcification within the nodule (arrow).", [None, "arrow"]),
        ("Nodules suspicious for metastases in both lungs (arrows).", ["arrow", "arrow"]),
    ],
)
def test_markers_of_a_list(text: str, markers: list[str | None]) -> None:
    assert [found.marker for found in analyse_caption(text).mentions] == markers


@pytest.mark.parametrize(
    ("text", "views"),
    [
        ("Axial CT (A) shows a mass; coronal CT (B) shows a cyst.", [("CT", "axial"), ("CT", "coronal")]),
        ("Ultrasound (A) shows a stone, CT (B) a cyst.", [("US", None), ("CT", None)]),
        ("CT (A) axial (B) coronal.", [("CT", "axial"), ("CT", "coronal")]),
    ],
)
def test_labels_behind_their_pictures(text: str, views: list[tuple[str | None, str | None]]) -> None:
    assert [(view.modality, view.plane) for view in analyse_caption(text).views] == views


@pytest.mark.parametrize(
    ("text", "concept", "site"),
    [
        ("Left internal carotid artery (ICA) dissection.", "aneurysm", "internal carotid artery"),
        ("Diffuse bulge at C5-C6.", "disc herniation", None),
        ("Right iliopsoas abscess.", "abscess", "iliopsoas"),
    ],
)
def test_sites_said_once(text: str, concept: str, site: str | None) -> None:
    (found,) = analyse_caption(text).mentions
    assert (found.concept, found.site) == (concept, site)


def test_a_panel_of_tissue_shows_no_slice() -> None:
    caption = analyse_caption("(a) Axial CT shows a mass. (b) Histology of the mass shows a round cell tumour.")
    assert [(view.modality, view.plane) for view in caption.views] == [("CT", "axial"), ("histology", None)]
