"""What captions say of a finding: that it is not there, that it is in doubt, its side, its size, its level."""

from __future__ import annotations

import pytest

from callout.reports import analyse_caption

DENIED = [
    ("No mass, effusion or lymphadenopathy is seen.", [True, True, True]),
    ("There was neither hydronephrosis nor a stone.", [True, True]),
    ("The mass shows no calcification.", [False, True]),
    ("No evidence of metastasis.", [True]),
    ("CT is negative for haemorrhage.", [True]),
    ("No residual abscess.", [True]),
    ("Complete disappearance of the nodule.", [True]),
    ("The abscess is no longer visible.", [True]),
    ("Pleural effusion is not present.", [True]),
    ("Pleural effusion cannot be seen.", [True]),
    ("Pleural effusion was not identified.", [True]),
    ("Nodule lacking calcification.", [False, True]),
    ("There are no signs of fracture.", [True]),
    ("Free of metastases.", [True]),
    ("No pathological fracture, but a lytic lesion is present.", [True, False]),
    ("No mass; however, a cyst is seen.", [True, False]),
    ("The fracture is absent.", [True]),
    ("No obvious thrombus.", [True]),
    ("No definite invasion of the aorta.", [True]),
    ("Fracture has been ruled out.", [True]),
    ("A thrombus was excluded.", [True]),
    ("The scan was unremarkable with no lesion.", [True]),
    ("CT failed to demonstrate an aneurysm.", [True]),
    ("Nonenhancing mass.", [False]),
    ("non-calcified nodule", [False]),
    ("Nil pleural effusion.", [True]),
    ("No pneumothorax or effusion, and the nodule is unchanged.", [True, True, False]),
    ("Without mass effect, an infarct is seen.", [True, False]),
    ("Mass with no invasion of the chest wall and a pleural effusion.", [False, True, False]),
    ("There is no fracture or dislocation. A haematoma is noted.", [True, True, False]),
    ("The patient had no fever; CT shows consolidation.", [False]),
    ("No other lesions were found.", [True]),
    ("No further metastases.", [True]),
    ("Oedema has subsided.", [True]),
    ("The haematoma had cleared.", [True]),
    ("The effusion has completely regressed.", [True]),
    ("Vanishing of the nodules.", [True]),
    ("The lesion is not associated with oedema.", [False, True]),
    ("CT rules out a fracture.", [True]),
    ("MRI excluded an abscess.", [True]),
    ("No CT evidence of bowel obstruction.", [True]),
    ("Normal appendix without inflammation.", [True]),
]
DOUBTED = [
    ("Possible abscess.", [True]),
    ("A probable metastasis.", [True]),
    ("A lesion, likely a cyst.", [False, True]),
    ("A lesion suspicious for metastasis.", [False, True]),
    ("Findings suggestive of pneumonia.", [True]),
    ("Mass consistent with lymphoma.", [False, True]),
    ("Suspected fracture.", [True]),
    ("Questionable thrombus.", [True]),
    ("This may represent a haematoma.", [True]),
    ("Presumed metastasis.", [True]),
    ("A metastasis cannot be excluded.", [True]),
    ("Mass in keeping with a sarcoma.", [False, True]),
    ("Mass concerning for malignancy.", [False, True]),
    ("Cyst vs abscess.", [True, True]),
    ("The differential diagnosis includes abscess.", [True]),
    ("Fracture is suspected.", [True]),
    ("Nodules, presumably metastases.", [False, True]),
    ("Findings compatible with osteomyelitis.", [True]),
    ("Appearances raise the possibility of an abscess.", [True]),
    ("Findings worrisome for perforation.", [True]),
    ("Mass that was thought to be a haematoma.", [False, True]),
    ("Equivocal effusion.", [True]),
    ("A fracture is likely.", [True]),
    ("Abscess? (arrow)", [True]),
    ("Evidence of cirrhosis is not clear.", [True]),
]
SIDES = [
    ("Left pleural effusion.", ["left"]),
    ("Effusion on the left.", ["left"]),
    ("Bilateral effusions.", ["bilateral"]),
    ("Nodules in both lungs.", ["bilateral"]),
    ("Right-sided hydronephrosis.", ["right"]),
    ("Hydronephrosis of the left kidney.", ["left"]),
    ("A mass in the right upper lobe and a nodule in the left lower lobe.", ["right", "left"]),
    ("A cyst in the RUL.", ["right"]),
    ("Abscess in the left psoas muscle extending to the right.", ["left"]),
    ("Mass (arrow) in the right breast.", ["right"]),
    ("Right hip: fracture (arrow).", ["right"]),
    ("On the right, a nodule; on the left, a cyst.", ["right", "left"]),
    ("Left > right pleural effusions.", ["bilateral"]),
    ("Left greater than right effusions.", ["bilateral"]),
    ("Bilateral hydronephrosis, right more than left.", ["bilateral"]),
    ("Contralateral nodule.", [None]),
    ("A right frontal haematoma with midline shift to the left.", ["right", "left"]),
    ("Mass displacing the left ureter.", [None]),
    ("Left-side pneumothorax.", ["left"]),
    ("Nodule, left lung.", ["left"]),
    ("Nodule (left lung).", ["left"]),
    ("Left lower lobe (LLL) consolidation.", ["left"]),
    ("Both kidneys show cysts.", ["bilateral"]),
    ("Left and right adrenal masses.", ["bilateral"]),
    ("Tumour of the left and right lobe.", ["bilateral"]),
    ("Two right-sided nodules and one left-sided cyst.", ["right", "left"]),
    ("The left lobe of the liver shows a mass.", ["left"]),
    ("Mass in the liver, left lobe.", ["left"]),
    ("Thrombus in the right atrium.", [None]),
    ("A left parasagittal meningioma.", ["left"]),
    ("Fracture of the 5th left rib.", ["left"]),
    ("Fractures of the left 4th-6th ribs.", ["left"]),
    ("Mass on the right side of the neck.", ["right"]),
    ("Mass to the left of the midline.", ["left"]),
    ("Bibasal atelectasis.", ["bilateral"]),
    ("Biapical fibrosis.", ["bilateral"]),
    ("Lt. renal cyst.", ["left"]),
    ("Rt renal cyst.", ["right"]),
]
SIZES = [
    ("A 3.2 cm mass.", [(3.2,)]),
    ("A mass measuring 3 x 4 cm.", [(3, 4)]),
    ("A mass (12.1 × 11.5 cm).", [(12.1, 11.5)]),
    ("Mass of 3x4x5 cm.", [(3, 4, 5)]),
    ("A 5-mm nodule.", [(5,)]),
    ("Nodules up to 8 mm.", [(8,)]),
    ("Nodule of 8 mm and a cyst of 3 cm.", [(8,), (3,)]),
    ("A mass, 3 by 4 cm, is seen.", [(3, 4)]),
    ("Mass: 35mm.", [(35,)]),
    ("A mass with a diameter of 6 cm.", [(6,)]),
    ("The mass measured 10 cm in its longest diameter.", [(10,)]),
    ("CT (5 mm slices) shows a mass.", [None]),
    ("A mass < 1 cm.", [(1,)]),
    ("A mass of approximately 7 cm.", [(7,)]),
    ("7.5-cm mass", [(7.5,)]),
    ("Nodule 1.5 cm in size.", [(1.5,)]),
    ("5 cm × 4 cm cyst", [(5, 4)]),
    ("A mass 5 cm × 4 cm × 3 cm", [(5, 4, 3)]),
    ("Mass measuring 45 × 30 mm (AP × transverse).", [(45, 30)]),
    ("A 2.5-by-3.0-cm mass", [(2.5, 3.0)]),
    ("A mass of 4,5 cm", [(4.5,)]),
    ("midline shift of 8 mm", [(8,)]),
    ("8-mm midline shift", [(8,)]),
    ("mass measuring 3 cm (AP) x 4 cm (TR)", [(3, 4)]),
    ("stone of 4mm in the ureter", [(4,)]),
    ("A mass was 4.2 cm.", [(4.2,)]),
    ("Cyst (size: 2 cm).", [(2,)]),
    ("mass 2 cm above the carina", [None]),
    ("A nodule 15 mm in diameter with a 3 mm calcification.", [(15,), (3,)]),
]
LEVELS = [
    ("Mass at L3.", [("L3",)]),
    ("Fracture of L1 and L2.", [("L1", "L2")]),
    ("Disc bulge at L4/5.", [("L4-L5",)]),
    ("Disc protrusion at L5-S1.", [("L5-S1",)]),
    ("Disc bulge at L4–L5 and L5–S1.", [("L4-L5", "L5-S1")]),
    ("Fracture of the third lumbar vertebra.", [("L3",)]),
    ("Fracture of the 12th thoracic vertebra.", [("T12",)]),
    ("Metastasis in D8.", [("T8",)]),
    ("Haemangioma of C2.", [("C2",)]),
    ("Lesion at the level of T4.", [("T4",)]),
    ("Spondylodiscitis L2/L3.", [("L2-L3",)]),
    ("Compression fracture of the first lumbar vertebral body.", [("L1",)]),
    ("Epidural abscess at the L2-3 level.", [("L2-L3",)]),
    ("Cord compression at C5-6 and C6-7.", [("C5-C6", "C6-C7")]),
    ("Fractures of T7, T8 and T10.", [("T7", "T8", "T10")]),
]


@pytest.mark.parametrize(("text", "denied"), DENIED)
def test_what_is_not_there(text: str, denied: list[bool]) -> None:
    assert [found.negated for found in analyse_caption(text).mentions] == denied


@pytest.mark.parametrize(("text", "doubted"), DOUBTED)
def test_what_is_in_doubt(text: str, doubted: list[bool]) -> None:
    assert [found.uncertain for found in analyse_caption(text).mentions] == doubted


@pytest.mark.parametrize(("text", "sides"), SIDES)
def test_sides(text: str, sides: list[str | None]) -> None:
    assert [found.laterality for found in analyse_caption(text).mentions] == sides


@pytest.mark.parametrize(("text", "sizes"), SIZES)
def test_sizes(text: str, sizes: list[tuple[float, ...] | None]) -> None:
    found = [one.measurement for one in analyse_caption(text).mentions]
    assert [size and tuple(size.values) for size in found] == sizes


@pytest.mark.parametrize(("text", "levels"), LEVELS)
def test_levels(text: str, levels: list[tuple[str, ...]]) -> None:
    assert [found.levels for found in analyse_caption(text).mentions] == levels
