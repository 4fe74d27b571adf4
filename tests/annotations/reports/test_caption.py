"""What the analyser reads out of captions, in our own words."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callout.reports import Caption, CaptionView, Measurement, Mention, Part, analyse_body, analyse_caption


def mention(caption: Caption, words: str) -> Mention:
    """The mention whose text is `words`."""
    found = [mention for mention in caption.mentions if mention.text == words]
    assert len(found) == 1, [mention.text for mention in caption.mentions]
    return found[0]


def test_numbered_findings() -> None:
    caption = analyse_caption("Cavitary nodules (1), ground-glass opacities (2) and consolidation (3).", "1")
    told = [(found.id, found.text, found.concept, found.marker) for found in caption.mentions]
    assert told == [
        ("1:#1", "Cavitary nodules", "cavity", "1"),
        ("1:#2", "ground-glass opacities", "ground-glass opacity", "2"),
        ("1:#3", "consolidation", "consolidation", "3"),
    ]
    assert caption.modality is None
    assert caption.views == ()


def test_a_tumour_is_no_histology_and_a_widened_foramen_no_stenosis() -> None:
    assert analyse_caption("Round cell tumour of the left femur (arrow).").modality is None
    assert "foraminal stenosis" not in [
        mention.concept for mention in analyse_caption("Widening of the neural foramen (arrow).").mentions
    ]


def test_histology_is_a_modality_of_its_own() -> None:
    assert analyse_caption("Photomicrograph of the round cell tumour.").modality == "histology"
    assert analyse_caption("Axial CT of a round cell tumour.").modality == "CT"


@pytest.mark.parametrize(
    ("text", "views"),
    [
        (
            "Coronal and sagittal localizer images",
            [(None, "coronal", "scout", None), (None, "sagittal", "scout", None)],
        ),
        (
            "Pre- and post-contrast coronal T1W images",
            [("MR", "coronal", "T1", "pre-contrast"), ("MR", "coronal", "T1", "post-contrast")],
        ),
        (
            "Coronal STIR and post contrast STIR images",
            [("MR", "coronal", "STIR", "pre-contrast"), ("MR", "coronal", "STIR", "post-contrast")],
        ),
        (
            "T2-weighted and STIR sagittal images",
            [("MR", "sagittal", "T2", None), ("MR", "sagittal", "STIR", None)],
        ),
        (
            "Post-contrast T1W and STIR axial sections",
            [("MR", "axial", "T1", "post-contrast"), ("MR", "axial", "STIR", None)],
        ),
        (
            "Contrast-enhanced CT, axial (a) and coronal (b)",
            [("CT", p, None, "post-contrast") for p in ("axial", "coronal")],
        ),
        ("MRI of the spine (T2-weighted, sagittal)", [("MR", "sagittal", "T2", None)]),
        (
            "T1 sagittal MRI pre (a) and post contrast (b)",
            [("MR", "sagittal", "T1", c) for c in ("pre-contrast", "post-contrast")],
        ),
        ("Enhanced CT in the portal venous phase", [("CT", None, None, "portal venous")]),
        (
            "Axial and coronal T1 and T2 images",
            [("MR", plane, sequence, None) for plane in ("axial", "coronal") for sequence in ("T1", "T2")],
        ),
        (
            "Axial and coronal T1 and T2 images, respectively",
            [("MR", "axial", "T1", None), ("MR", "coronal", "T2", None)],
        ),
        ("Axial T1 and coronal T2 images", [("MR", "axial", "T1", None), ("MR", "coronal", "T2", None)]),
        ("Sagittal T1, T2 and STIR images", [("MR", "sagittal", s, None) for s in ("T1", "T2", "STIR")]),
        ("Plain CT of the head", [("CT", None, None, "non-contrast")]),
        ("A pulmonary nodule", []),
    ],
)
def test_views(text: str, views: list[tuple[str | None, ...]]) -> None:
    found = [(view.modality, view.plane, view.sequence, view.contrast) for view in analyse_caption(text).views]
    assert found == views


def test_views_of_lettered_panels() -> None:
    caption = analyse_caption(
        "Sagittal MRI of the lumbar spine. (a) T1-weighted image with a disc protrusion. (b) Fat-suppressed T2."
    )
    assert [panel.label for panel in caption.panels] == ["a", "b"]
    assert caption.views == (
        CaptionView("MR", "sagittal", "T1"),
        CaptionView("MR", "sagittal", "T2", fat_suppressed=True),
    )


def test_a_vertebra_is_no_weighting() -> None:
    caption = analyse_caption("T1-weighted image: a fracture at the level of T1 and T2 vertebrae.")
    assert caption.sequences == ("T1",)
    assert mention(caption, "fracture").levels == ("T1", "T2")


def test_contrast_of_several_views_is_mixed_where_they_differ() -> None:
    assert analyse_caption("Axial T1 before and after contrast").contrast == "mixed"
    assert analyse_caption("Axial CT with contrast").contrast == "post-contrast"
    assert analyse_caption("Portal venous phase CT").contrast == "portal venous"
    assert analyse_caption("CT with a nodule of strong contrast enhancement").contrast is None


def test_a_mass_with_its_extent_and_the_bones() -> None:
    caption = analyse_caption(
        "Sagittal STIR: prevertebral soft tissue mass reaching from L1 to L2 vertebra with abnormal signal intensity "
        "in the bodies of L1, L2, L3 and posterior elements of L3"
    )
    mass = mention(caption, "prevertebral soft tissue mass")
    assert mass.levels == ("L1-L2",)
    assert mass.parts == (Part("prevertebral", ("L1-L2",), "body", "from-to"),)
    bones = mention(caption, "abnormal signal intensity")
    assert bones.levels == ("L1", "L2", "L3")
    assert bones.parts == (
        Part("vertebral body", ("L1", "L2", "L3"), "body", "at"),
        Part("posterior elements", ("L3",), "posterior elements", "at"),
    )


def test_into_the_foramina_and_the_canal() -> None:
    caption = analyse_caption(
        "Soft tissue mass growing into the left neural foramina at L2–L3 and L3/4 with compression of the nerve root. "
        "The mass also goes into the spinal canal."
    )
    mass, root, again = caption.mentions
    assert (mass.laterality, mass.levels) == ("left", ("L2-L3", "L3-L4"))
    assert mass.parts == (Part("neural foramen", ("L2-L3", "L3-L4"), "foramen", "into"),)
    assert (root.concept, root.levels) == ("nerve root compression", ())
    assert (again.text, again.concept, again.site) == ("mass", "soft-tissue mass", "spinal canal")


def test_suspended_site_belongs_to_the_term() -> None:
    caption = analyse_caption("Scout image with large pre- and left paravertebral soft tissue mass")
    found = mention(caption, "pre- and left paravertebral soft tissue mass")
    assert (found.laterality, found.site) == ("left", "prevertebral and paravertebral")


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("Left sided hydronephrosis", ["left"]),
        ("Mass in the left psoas and normal right psoas", ["left"]),
        ("Consolidation in both lower lobes", ["bilateral"]),
        ("Consolidation both in the lingula and in the middle lobe", [None]),
        ("Nodules in the right and left upper lobes", ["bilateral"]),
        ("Bilateral cavities, consolidation and a nodule", ["bilateral", None, None]),
        ("Mass compressing the right ureter causing right hydronephrosis", [None, "right"]),
        ("A stone in the right ureter and a cyst of the left kidney", ["right", "left"]),
        ("MRI of the left calf showing an abscess", ["left"]),
        ("The right kidney shows hydronephrosis and a stone; the left kidney has a cyst", ["right", "right", "left"]),
        ("A RUL nodule and a cyst of the LLL; Lt renal stone", ["right", "left", "left"]),
        ("Nodules and cysts in both lungs", ["bilateral", "bilateral"]),
        ("A tumour with a diameter of 5 cm in the right kidney", ["right"]),
        ("An abscess (arrow) and bilateral chest tubes", [None]),
        ("A mass with calcification in the left kidney", ["left", "left"]),
        ("On the left, there is an effusion; on the right, a nodule", ["left", "right"]),
        ("In the right lung, there is a nodule and an effusion", ["right", "right"]),
        ("Both lungs show nodules", ["bilateral"]),
        ("Bibasal atelectasis and effusions on either side", ["bilateral", "bilateral"]),
        ("Right greater than left pleural effusions", ["bilateral"]),
        ("Midline shift from left to right", ["right"]),
        ("Right shoulder MRI with a cyst", ["right"]),
        ("A collection in the left psoas, consistent with an abscess", ["left", "left"]),
        ("Tumour (T), liver (L) and left kidney (K)", [None, None, "left"]),
        ("Splenomegaly with a stone in the left kidney", [None, "left"]),
        ("Obstruction of the small bowel and stones in the right kidney", [None, "right"]),
        ("Thrombus (t) and a haematoma (arrowheads) on the left side", [None, "left"]),
        ("Nodules (arrows) and consolidation (*) in the left lower lobe", ["left", "left"]),
        ("Bilateral consolidation and ground-glass opacities", ["bilateral", "bilateral"]),
        ("Swelling and enhancement of the right facial nerve", ["right", "right"]),
        ("A mass at the level of the left renal vein", [None]),
        ("Narrowing of the aorta distal to the left subclavian artery", [None]),
        ("Axial CT (left) and MRI (right) with a cyst", [None]),
        ("Left: CT with a cyst", [None]),
        ("A tumour from the right lobe to the left lobe", [None]),
        ("On the left side (arrow) a hernia is seen", ["left"]),
        ("A lesion in the right frontal lobe measuring 12 mm, perifocal oedema", ["right", None]),
    ],
)
def test_sides(text: str, sides: list[str | None]) -> None:
    assert [found.laterality for found in analyse_caption(text).mentions] == sides


@pytest.mark.parametrize(
    ("text", "values", "unit"),
    [
        ("A mass of about 12.1×11.5 cm", (12.1, 11.5), "cm"),
        ("An oval, 19 x 14 x 12 mm lesion", (19.0, 14.0, 12.0), "mm"),
        ("A nodule measuring 1,8 by 1,6 cm", (1.8, 1.6), "cm"),
        ("A 7-mm nodule", (7.0,), "mm"),
        ("A 5 cm thick-walled cavity", (5.0,), "cm"),
        ("A mass with uneven enhancement, measuring 10 × 8 cm", (10.0, 8.0), "cm"),
        ("A mass measuring up to 4 centimetres", (4.0,), "cm"),
        ("A midline shift of 8 mm beside an abscess", (8.0,), "mm"),
        ("A 22 mm x 18 mm cyst", (22.0, 18.0), "mm"),
    ],
)
def test_sizes(text: str, values: tuple[float, ...], unit: str) -> None:
    size = analyse_caption(text).mentions[0].measurement
    assert size is not None
    assert (size.values, size.unit) == (values, unit)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Cysts of 3 to 5 cm", (3.0, 5.0)),
        ("Cysts of 3–5 cm", (3.0, 5.0)),
        ("Cysts between 0.8 and 2 cm", (0.8, 2.0)),
        ("Cysts from 2,5 cm to 3 cm", (2.5, 3.0)),
    ],
)
def test_a_range_of_sizes_is_no_pair_of_diameters(text: str, values: tuple[float, ...]) -> None:
    size = analyse_caption(text).mentions[0].measurement
    assert size == Measurement(values, "cm", is_range=True)
    again = Caption.from_json(analyse_caption(text).to_json())
    assert again.mentions[0].measurement == size


def test_slices_have_no_size_of_a_finding() -> None:
    assert analyse_caption("CT (5 mm slices) with a nodule").mentions[0].measurement is None


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("No pleural effusion is seen", [True]),
        ("Nodule without cavitation, calcification, or fat stranding", [False, True, True, True]),
        ("There was no evidence of embolus but there is a consolidation", [True, False]),
        ("CT without contrast showing a haematoma", [False]),
        ("Absence of flow voids", [True]),
        ("Pneumothorax was not seen", [True]),
        ("Pulmonary emboli (not shown)", [False]),
        ("Mass, right, not seen", [True]),
        ("Oedema rather than an abscess", [False, True]),
        ("The effusion has resolved", [True]),
        ("The effusion has partially resolved", [False]),
        ("Thrombosis was ruled out", [True]),
        ("Resolution of the haematoma", [True]),
        ("CT did not show any metastases", [True]),
        ("A cavity without residual enhancement", [False, True]),
        ("The discs do not exhibit inflammatory changes", [True]),
        ("No change in the size of the mass", [False]),
        ("Resolution of the abscess and reduced size of the nodes", [True, False]),
        ("The effusion is no longer seen", [True]),
        ("Loss of the normal flow void", [True]),
        ("Loss of signal in the disc", [False]),
        ("An aneurysm, not a tumour", [False, True]),
        ("CT failed to show an abscess", [True]),
        ("MRI excludes a fracture", [True]),
        ("No hydronephrosis despite a large stone", [True, False]),
        ("Resolution of an effusion and reduction of the nodule", [True, False]),
        ("Perforation could not be ruled out", [False]),
        ("Not consistent with an abscess", [True]),
        ("No contrast extravasation", [True]),
        ("A mass with no clear margin and with invasion of the muscle", [False, False]),
    ],
)
def test_negation(text: str, denied: list[bool]) -> None:
    assert [found.negated for found in analyse_caption(text).mentions] == denied


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("Fluid collection suggestive of an abscess", [False, True]),
        ("Nodule, possibly a metastasis", [False, True]),
        ("Differential diagnoses included psoas abscess and metastases", [True, True]),
        ("Mass consistent with lymphoma", [False, True]),
        ("Lymphoma cannot be excluded", [True]),
        ("A consistent pattern of fibrosis", [False]),
        ("Suggestive of a malformation with an effusion", [True, False]),
        ("A nodule, worrisome for malignancy", [False, True]),
        ("This does not exclude thrombosis", [True]),
        ("In keeping with an infection of the pleura (empyema)", [True, True]),
        ("Likely representing hamartomas as well as a cyst", [True, False]),
        ("Consolidation, likely due to pneumonia", [False, True]),
        ("Unlikely to be an abscess", [True]),
        ("Perforation could not be ruled out", [True]),
        ("The appearance favours an abscess", [True]),
        ("An abscess versus a necrotic tumour", [True, True]),
    ],
)
def test_uncertainty(text: str, doubtful: list[bool]) -> None:
    assert [found.uncertain for found in analyse_caption(text).mentions] == doubtful


@pytest.mark.parametrize(
    ("text", "markers"),
    [
        ("Pericardial effusion (white arrow) and consolidation (arrowheads)", ["white arrow", "arrowhead"]),
        ("Septa with nodules in the omentum (arrows)", ["arrow", "arrow"]),
        ("Red arrow indicates the tumour", ["red arrow"]),
        ("1 = cavity; 2 = consolidation", ["1", "2"]),
        ("An abscess (*) beside a cyst", ["*", None]),
        ("CT: 1, cavity; 2, consolidation", ["1", "2"]),
        ("Cavity with an air-fluid level (arrow), beside ground glass (arrowheads)", [None, "arrow", "arrowhead"]),
        ("Septa with nodules (arrows)", ["arrow", "arrow"]),
        ("Arrow in (b) shows the cyst; arrowheads in (c) mark gas in the wall", ["arrow", "arrowhead"]),
        ("The long arrow points to the abscess, and the short arrow to the stone", ["long arrow", "short arrow"]),
        ("White arrows, metastases; black arrows, ascites", ["white arrow", "black arrow"]),
        ("CT (arrow: mass; arrowhead: right kidney)", ["arrow", "arrowhead"]),
        ("T denotes the tumour; * shows an abscess", ["t", "*"]),
        ("An abscess (white asterisk) and a cyst (star)", ["white *", "*"]),
        ("A mass (M) compresses the stomach (St) and the inferior vena cava (IVC)", ["m", "st", "ivc"]),
        ("A mass (M); LV, left ventricle; RA, right atrium", ["m", "lv", "ra"]),
        ("Magnetic resonance imaging (MRI) of a pericardial effusion (PE) and the liver (L)", [None, "l"]),
        ("A tumour in the bladder (B)", [None, "b"]),
        ("A tumour in the bladder (T)", ["t"]),
        ("A tumour with a patent portal vein (arrow)", [None, "arrow"]),
        ("A tumour encasing the celiac trunk and splenic artery (arrows)", [None, "arrow", "arrow"]),
        ("Arrow: aorta, displaced by a mass", ["arrow", None]),
        ("T1-weighted image (red arrow) with a cyst", ["red arrow"]),
        ("Dilated ureter and a stone (arrow)", [None, "arrow"]),
        ("Gas within the abscess (arrow)", ["arrow", "arrow"]),
        ("CT with the catheter tip (arrow)", ["arrow"]),
        ("Low signal in the disc, indicative of an infection (arrow)", ["arrow", "arrow"]),
        ("Cyst (grey arrow-head) and stone (solid line double arrow)", ["grey arrowhead", "solid line double arrow"]),
        ("A cystic lesion (C) next to the liver (L)", ["c", "l"]),
        ("Cavity [1]", [None]),
        ("An abscess as indicated by the white arrow", ["white arrow"]),
        ("A cyst marked with an asterisk beside the spleen", ["*"]),
        ("White arrow – abscess; black arrow – thrombus", ["white arrow", "black arrow"]),
        ("Fracture (arrow-heads), haematoma (\u2192) and cavity (* in c)", ["arrowhead", "arrow", "*"]),
        ("Large (arrows) pleural effusion", ["arrow"]),
        ("As indicated by the arrows, a nodule", ["arrow"]),
        ("An abscess (narrow arrow) and a cyst (\u2021)", ["narrow arrow", "\u2021"]),
        ("An abscess (*) and a cyst (**)", ["*", "**"]),
        ("A cyst within the red circle", ["red circle"]),
        ("A cyst outlined by a dotted line", ["dotted line"]),
        ("M, mass; C, cyst", ["m", "c"]),
        ("A cyst (A: arrow)", ["arrow"]),
        ("The aorta is of normal size (arrow)", ["arrow"]),
        ("A cyst and a fusion of the thalami (T)", [None, "t"]),
        ("Thickening of the oesophagus with varices (arrows)", [None, "arrow"]),
        ("A fracture of T12 with a retropulsed fragment (arrow)", [None, "arrow"]),
        ("A \u2013 aneurysm; B \u2013 thrombus", ["a", "b"]),
        ("Panels A and B: CT with a cyst. Panel C: MRI", [None]),
        ("Dilated left ureter down to the level of a stone (circle)", [None, "circle"]),
        ("Enlarged node (short axis 15 mm; arrow)", ["arrow"]),
        ("Osteophytes (paired arrows) and a cyst (yellow outline)", ["paired arrow", "yellow outline"]),
    ],
)
def test_markers(text: str, markers: list[str | None]) -> None:
    assert [found.marker for found in analyse_caption(text).mentions] == markers


def test_a_pointed_out_place_is_anatomy() -> None:
    caption = analyse_caption("A cystic lesion (C) next to the liver (L)")
    assert (caption.mentions[1].concept, caption.mentions[1].drawn) == ("anatomical structure", False)
    assert [found.concept for found in analyse_caption("Air in the abdominal cavity").mentions] == ["free gas"]


def test_spellings_and_line_ends_keep_their_offsets() -> None:
    text = "Oedema of the brain and consol-\nidation\u00a0of the lung; tumors and tumours."
    caption = analyse_caption(text)
    assert [found.concept for found in caption.mentions] == ["oedema", "consolidation", "neoplasm", "neoplasm"]
    assert mention(caption, "consol-\nidation").start == text.index("consol")


def test_the_region_is_what_was_imaged() -> None:
    assert analyse_caption("CT of the abdomen with a mass").region == "abdomen"
    assert analyse_caption("A paravertebral mass").region == "spine"
    assert analyse_caption("A mass").region is None


def test_a_body_has_sizes_and_levels_of_its_own() -> None:
    mass, again, root, system, ureter = analyse_body(
        "MRI showed a soft tissue mass of 12.1×11.5 cm in the left paravertebral region extending from L1–L2 "
        "vertebrae. "
        "The mass reached into left neural foramina at L2–L3 with compression of the nerve root of these levels. "
        "The pelvicalyceal system of the left kidney and part of the ureter were moderately dilated."
    )
    assert (mass.id, mass.laterality, mass.levels) == ("body:#1", "left", ("L1-L2",))
    assert mass.measurement is not None
    assert mass.measurement.values_mm == (121.0, 115.0)
    assert (again.concept, again.levels) == ("soft-tissue mass", ("L2-L3",))
    assert root.levels == ("L2-L3",)
    assert (system.concept, system.laterality) == ("hydronephrosis", "left")
    assert ureter.concept == "hydroureter"


def test_the_next_sentence_goes_on_about_the_finding() -> None:
    mass, root = analyse_body(
        "There is a mass with compression of the nerve root. "
        "It lies in front of L1–L2 and reaches the left psoas muscle."
    )
    assert (mass.laterality, mass.levels, mass.site) == ("left", ("L1-L2",), "psoas muscle")
    assert (root.laterality, root.levels) == (None, ())


def test_levels_in_ordinals_ranges_and_lists() -> None:
    caption = analyse_caption(
        "Fractures of T10–L2, herniation at C5/6, lesion of the fourth lumbar vertebra, metastases at S1–S3 and L4/5, "
        "and stenosis between C3 and C6"
    )
    assert [found.levels for found in caption.mentions] == [
        ("T10-L2",),
        ("C5-C6",),
        ("L4",),
        ("S1-S3", "L4-L5"),
        ("C3-C6",),
    ]


@pytest.mark.parametrize(
    ("text", "words", "concept"),
    [
        ("Acute cholangitis", "cholangitis", "inflammation"),
        ("A pleural lipoma", "pleural lipoma", "neoplasm"),
        ("A thrombosed left portal vein", "thrombosed left portal vein", "thrombus"),
        ("Enlarged mediastinal lymph nodes", "Enlarged mediastinal lymph nodes", "lymphadenopathy"),
        ("Effacement of the basal cisterns", "Effacement of the basal cisterns", "mass effect"),
        ("Gas within the kidney", "Gas", "free gas"),
        ("Portal venous gas", "Portal venous gas", "free gas"),
        ("A coronary artery aneurysm", "coronary artery aneurysm", "aneurysm"),
        ("Multiple lymphangiomata", "lymphangiomata", "vascular malformation"),
        ("Cysticercosis of the brain", "Cysticercosis", "infection"),
        ("A large peripancreatic collection", "peripancreatic collection", "fluid collection"),
        ("An irregular transitional cell carcinoma", "transitional cell carcinoma", "neoplasm"),
        ("Low T2-weighted signal", "Low T2-weighted signal", "signal abnormality"),
        ("A hyper-signal of the disc", "hyper-signal", "signal abnormality"),
        ("A hypodense halo", "hypodense halo", "hypodensity"),
        ("A tumorous lesion", "tumorous lesion", "neoplasm"),
        ("A hypodense lesion", "lesion", "lesion"),
        ("A lytic, well-defined lesion", "lesion", "lytic lesion"),
        ("Bilateral pneumothoraces", "pneumothoraces", "pneumothorax"),
        ("Oedema at L3", "Oedema", "bone marrow oedema"),
        ("Increased density of the adjacent fat", "Increased density of the adjacent fat", "fat stranding"),
        ("Soft tissue filling the antrum", "Soft tissue", "soft-tissue component"),
        ("Jejunal thickening", "Jejunal thickening", "bowel wall thickening"),
        ("Intra-abdominal fluid", "Intra-abdominal fluid", "ascites"),
        ("Rib metastases of the lung", "Rib metastases", "bone metastasis"),
        ("A hypoplastic left kidney", "hypoplastic left kidney", "hypoplasia"),
        ("An absent inferior vena cava", "absent inferior vena cava", "venous atresia"),
        ("A prolapse of the L5/S1 disc", "prolapse of the L5/S1 disc", "disc herniation"),
        ("A collapse of L3", "collapse", "vertebral collapse"),
        ("Extension into the orbit", "Extension", "invasion"),
        ("Dilatation of the thoracic aorta", "Dilatation of the thoracic aorta", "vascular dilatation"),
        ("Thickening of the Gerota fascia", "Thickening of the Gerota fascia", "fat stranding"),
        ("A partial tear of the supraspinatus tendon", "partial tear", "tendon absence"),
        ("A non-calcified plaque", "plaque", "atherosclerosis"),
        ("Lytic metastases", "Lytic metastases", "bone metastasis"),
        ("CT: withGGOs in the lung", "GGOs", "ground-glass opacity"),
        ("An excavated nodule", "excavated nodule", "cavity"),
        ("A mixed solid and cystic mass", "mass", "mass"),
        ("Lymphomatous infiltration of the liver", "Lymphomatous infiltration", "invasion"),
        ("Two perinodular extensions", "perinodular extensions", "invasion"),
        ("Mesocolic extension", "Mesocolic extension", "invasion"),
        ("Swelling of the oropharynx", "Swelling of the oropharynx", "soft-tissue swelling"),
        ("Hippocampal volume loss", "Hippocampal volume loss", "atrophy"),
        ("A hypointense subcortical band", "hypointense subcortical band", "signal abnormality"),
        ("Periorbital swelling", "Periorbital swelling", "soft-tissue swelling"),
        ("A ring-enhancing nodule", "nodule", "nodule"),
        ("An enhancing soft tissue component", "enhancing soft tissue component", "soft-tissue component"),
        ("A misplaced central line", "misplaced central line", "device displacement"),
        ("Emphysema of the neck", "Emphysema", "subcutaneous emphysema"),
        ("A lead dislodgement", "lead dislodgement", "device displacement"),
        ("Lesion of the lung and mediastinal lymph nodes", "mediastinal lymph nodes", "lymphadenopathy"),
    ],
)
def test_findings_are_known_by_ending_and_sites_by_stem(text: str, words: str, concept: str) -> None:
    assert mention(analyse_caption(text), words).concept == concept


def test_the_body_draws_only_what_this_patients_pictures_show() -> None:
    mentions = analyse_body(
        "CT showed a mass in the liver. A cyst of 3 cm was also noted. The mass was diagnosed as a carcinoma. "
        "Metastases are commonly seen on CT. Abscess was the differential diagnosis."
    )
    assert [(found.text, found.drawn) for found in mentions] == [
        ("mass", True),
        ("cyst", True),
        ("mass", False),
        ("carcinoma", False),
        ("Metastases", False),
        ("Abscess", False),
    ]


def test_one_wrong_letter_hides_no_finding() -> None:
    caption = analyse_caption("A psoas absecess and a nonvizualization of the vein; the transaction was relative")
    assert [found.concept for found in caption.mentions] == ["abscess", "non-visualisation"]


def test_a_marker_behind_a_pressed_place_is_that_places() -> None:
    caption = analyse_caption("CT: a mass displacing the aorta (arrow); the intrauterine device (D) in the bladder")
    told = [(found.text, found.concept, found.marker) for found in caption.mentions]
    assert told == [
        ("mass", "mass", None),
        ("aorta", "anatomical structure", "arrow"),
        ("intrauterine device", "anatomical structure", "d"),
    ]


def test_levels_whose_number_stands_apart_or_that_are_shared() -> None:
    caption = analyse_caption(
        "Collapse at Th 8, fracture at the level of L 4-5, T4-T5 and T6-T7 disc protrusions, "
        "a hyperintensity at C5 suggestive of myelitis"
    )
    assert [found.levels for found in caption.mentions] == [
        ("T8",),
        ("L4-L5",),
        ("T4-T5", "T6-T7"),
        ("C5",),
        ("C5",),
    ]


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("Fracture of T-12", ("T12",)),
        ("Herniation of the L5S1 disc", ("L5-S1",)),
        ("Fractures of C4, 5 and 6 vertebrae", ("C4", "C5", "C6")),
        ("Fractures of the fourth and fifth lumbar vertebrae", ("L4", "L5")),
        ("Metastases in the third to fifth thoracic vertebrae", ("T3-T5",)),
        ("A lesion at lumbar 4/5", ("L4-L5",)),
        ("A syrinx from C2 down to T4", ("C2-T4",)),
        ("An abscess spanning T12-L1-L2", ("T12-L2",)),
        ("The T2 vertebra shows a fracture", ("T2",)),
        ("A mass at L3, 4 cm", ("L3",)),
        ("Low signal on T1 and T2", ()),
        ("A nodule of 5 and a mass", ()),
    ],
)
def test_levels(text: str, levels: tuple[str, ...]) -> None:
    assert analyse_caption(text).mentions[0].levels == levels


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Sagittal (A, C) and axial MRI (B, D) with a cyst", ["A", "C", "B", "D"]),
        ("A sagittal (a, red arrow) and an axial (b, red arrow) image with a cyst", ["a", "b"]),
        ("A Axial CT image of a cyst. B Coronal MR image of a stone.", ["A", "B"]),
        ("A CT image of a cyst. Axial view.", []),
        ("(A) Aorta; (B) trachea; (C) liver.", []),
        ("A cyst of the aorta (A) and the bladder (B).", []),
        ("A\u2013C: Axial CT with a cyst. D: Coronal CT.", ["A", "B", "C", "D"]),
        ("A) Axial CT, B) coronal CT with a cyst.", ["A", "B"]),
        ("Panel A: axial CT. Panel B: coronal CT.", ["A", "B"]),
        ("Axial (A.a, arrows) and coronal CT (A.b), axial MRI (B.a).", ["A.a", "A.b", "B.a"]),
        ("(A1) Axial CT. (A2) Coronal CT. (B1) MRI.", ["A1", "A2", "B1"]),
        ("CT at (i) the first and (ii) the second visit.", ["i", "ii"]),
        ("Axial CT (left) and coronal CT (right) with a cyst.", ["left", "right"]),
        ("Upper row: axial CT. Lower row: coronal CT.", ["Upper row", "Lower row"]),
        ("Panels A and B: CT with a cyst. Panel C: MRI.", ["A", "B", "C"]),
        ("A: CT before treatment, B: CT after treatment.", ["A", "B"]),
        ("(A/B) CT with a cyst. (C/D) MRI.", ["A", "B", "C", "D"]),
        ("Axial (a: arrow) and coronal CT (b: arrow) with a cyst.", ["a", "b"]),
        ("1a: CT with a cyst. 1b: MRI.", ["1a", "1b"]),
        ("T2 (A1\u2013A2) and T1 images (B1\u2013B2).", ["A1", "A2", "B1", "B2"]),
        ("(1) CT with a cyst. (2) MRI.", ["1", "2"]),
        ("CT with a cyst (1) and a stone (2).", []),
        ("CT of a left kidney with a cyst (left) and a stone (right).", []),
    ],
)
def test_labels_of_panels(text: str, labels: list[str]) -> None:
    assert [panel.label for panel in analyse_caption(text).panels] == labels


FINDINGS = st.sampled_from(("cyst", "nodule", "abscess", "stone", "aneurysm", "haematoma", "pleural effusion"))
LOOKS = st.sampled_from(("", "white ", "short black ", "curved ", "open ", "dashed yellow "))
KINDS = st.sampled_from(("arrow", "arrowhead", "circle"))


@given(
    LOOKS,
    KINDS,
    FINDINGS,
    st.sampled_from(
        (
            "CT shows a {finding} ({marker}s) in the left lung",
            "CT with a large {finding} ({marker} in b)",
            "MRI of the left calf with a {finding} (see {marker}).",
            "CT. A {finding}, as indicated by a {marker}, lies behind",
            "CT ({marker}: {finding})",
            "(a) CT. (b) MRI. The {marker} shows a {finding}",
        )
    ),
)
def test_every_marker_is_found_wherever_it_stands(looks: str, kind: str, finding: str, text: str) -> None:
    marker = looks + kind
    if kind == "circle" and "(" + "{marker}" not in text:
        marker = "red " + kind
    mentions = analyse_caption(text.format(finding=finding, marker=marker)).mentions
    assert [(found.text.casefold(), found.marker) for found in mentions] == [(finding, marker)]


def test_panels_of_several_letters() -> None:
    assert [panel.label for panel in analyse_caption("Serial CT (a–c) with a nodule").panels] == ["a", "b", "c"]
    caption = analyse_caption("A, axial T2 image of a cyst. B and C, coronal T1 images of a stone.")
    assert [panel.label for panel in caption.panels] == ["A", "B", "C"]
    assert caption.panels[1].end == caption.panels[2].end == len(caption.text)


def test_verbs_are_no_mentions() -> None:
    caption = analyse_caption("Prevertebral and left paravertebral mass that infiltrates the psoas muscle")
    assert [found.text for found in caption.mentions] == ["Prevertebral and left paravertebral mass"]


PIECES = """
( ) = : , ; . * - / A b 1 8 arrow arrows white arrow-head the left right both than not no with of and in as LV Th L T1
L4 C5/6 soft tissue oedematous collapse compression signal low weighted mass cyst abscess fat liver disc vein consistent
shows likely level 3 x 4 cm to mm
"""


@example(["the", "(", "arrow", ")"])
@example(["LV", "=", "left"])
@given(st.lists(st.sampled_from(PIECES.split()), max_size=14))
def test_no_run_of_words_breaks_the_analyser(pieces: list[str]) -> None:
    text = " ".join(pieces)
    for found in (*analyse_caption(text).mentions, *analyse_body(text)):
        assert found.text == text[found.start : found.end] != ""


def test_the_letters_of_panels_are_no_markers() -> None:
    caption = analyse_caption("(a) CT: mass (arrow). (b) MRI: the mass enhances early (a) and a cyst is seen (b).")
    assert [found.marker for found in caption.mentions] == ["arrow", None, None]
    caption = analyse_caption("A: Plain CT of a cyst. B-D: the nodule on arterial (B), venous (C) and late images (D).")
    assert [found.marker for found in caption.mentions] == [None, None]
    caption = analyse_caption("A, CT: aorta (A) and a thrombus (T). B, CT: bladder (B).")
    assert [found.marker for found in caption.mentions] == ["a", "t", "b"]


def test_panels_of_small_letters_that_no_sign_parts() -> None:
    caption = analyse_caption("a Axial image of a cyst (arrow). b Coronal image of a nodule (arrowhead).")
    assert [panel.label for panel in caption.panels] == ["a", "b"]
    assert [found.marker for found in caption.mentions] == ["arrow", "arrowhead"]


@pytest.mark.parametrize(
    ("text", "words", "levels"),
    [
        ("Cord compression at C4-C5 (arrow) and C6-C7 (arrowhead).", "Cord compression", ("C4-C5", "C6-C7")),
        ("Fracture of the C2 vertebra (arrow) and of the body of C3.", "Fracture", ("C2", "C3")),
        ("At L4-5, a disc bulge and facet hypertrophy are seen.", "facet hypertrophy", ("L4-L5",)),
        ("Discitis at L1-L2 with partial collapse of the endplate.", "collapse", ("L1-L2",)),
        ("There is damage to the L1 and L2 vertebrae.", "damage to the L1 and L2 vertebrae", ("L1", "L2")),
        ("Bulging of L3 with a cyst.", "Bulging of L3", ("L3",)),
        ("Compression of T12 is seen.", "Compression of T12", ("T12",)),
        ("CT shows gas at the T9-T10 disc space.", "gas", ("T9-T10",)),
    ],
)
def test_levels_of_more_turns_of_phrase(text: str, words: str, levels: tuple[str, ...]) -> None:
    assert mention(analyse_caption(text), words).levels == levels


def test_a_level_before_a_colon_is_no_marker() -> None:
    caption = analyse_caption("L4: disc extrusion (arrow). C5-6: cord compression (arrowhead).")
    assert [found.marker for found in caption.mentions] == ["arrow", "arrowhead"]


@pytest.mark.parametrize(
    ("text", "words", "side"),
    [
        ("Effusions in both the pleural cavities.", "Effusions", "bilateral"),
        ("The left kidney is swollen, consistent with pyelonephritis.", "pyelonephritis", "left"),
        ("A large abscess with a thick wall in the right lobe of the liver.", "abscess", "right"),
        ("A lesion with a hypointense rim in the left kidney.", "lesion", "left"),
    ],
)
def test_sides_behind_what_describes(text: str, words: str, side: str) -> None:
    assert mention(analyse_caption(text), words).laterality == side


@pytest.mark.parametrize(
    ("text", "words", "concept"),
    [
        ("There is collapse of the humeral head.", "collapse of the humeral head", "bone destruction"),
        ("CT shows a collapsed femoral head.", "collapsed femoral head", "bone destruction"),
        (
            "There is prominence of both lateral ventricles.",
            "prominence of both lateral ventricles",
            "ventriculomegaly",
        ),
        ("CT shows a thickened caecal wall.", "thickened caecal wall", "bowel wall thickening"),
        ("CT shows a thickened perirenal fascia.", "thickened perirenal fascia", "fat stranding"),
        ("There is a pleural invagination.", "pleural invagination", "anatomical variant"),
        ("Effusion in the left knee joint.", "Effusion", "fluid collection"),
        ("MRI shows an ACL rupture.", "ACL rupture", "tear"),
        ("Obliteration of the sigmoid sinus.", "Obliteration of the sigmoid sinus", "obstruction"),
        ("Obliteration of the optic nerve.", "Obliteration of the optic nerve", "non-visualisation"),
        ("An abscess with surrounding fluid.", "fluid", "fluid collection"),
        ("The mass grows, with extension inferiorly into the pelvis.", "extension", "invasion"),
        ('MRI shows the "target" sign (arrow).', '"target" sign', "imaging sign"),
    ],
)
def test_what_common_words_name(text: str, words: str, concept: str) -> None:
    assert mention(analyse_caption(text), words).concept == concept


@pytest.mark.parametrize(
    ("text", "words", "marker"),
    [
        ("Gas (arrowhead) and a cyst are seen.", "Gas", "arrowhead"),
        ("T2 shows increased inter-hemispheric distance (green arrow).", "inter-hemispheric distance", "green arrow"),
        ("The spleen is seen as a thin line (arrowhead).", "spleen", "arrowhead"),
        ("CT shows the catheter tip (arrow) in the atrium.", "catheter tip", "arrow"),
        ("The spinal cord is thin (obliquely oriented arrow).", "spinal cord", "obliquely oriented arrow"),
    ],
)
def test_what_markers_show(text: str, words: str, marker: str) -> None:
    assert mention(analyse_caption(text), words).marker == marker


def test_the_arrow_shows_what_is_new_in_a_finding_told_before() -> None:
    caption = analyse_caption("Rupture of a lung abscess. The air-fluid level in the lung abscess (arrow) is new.")
    assert [found.marker for found in caption.mentions] == [None, None, "arrow", None]


def test_what_is_no_finding_of_its_own() -> None:
    for text in ("Pain and swelling of the neck; CT shows a cyst.", "CT shows a high density left lobulated cyst."):
        assert [found.text for found in analyse_caption(text).mentions] == ["cyst"]


def test_denied_and_doubted_in_more_words() -> None:
    caption = analyse_caption("The cyst is not associated with oedema. A nodule represents a metastasis or an adenoma.")
    assert [found.negated for found in caption.mentions] == [False, True, False, False, False]
    assert [found.uncertain for found in caption.mentions] == [False, False, False, True, True]
    assert not mention(analyse_caption("Possible early abscess within the phlegmon."), "phlegmon").uncertain
