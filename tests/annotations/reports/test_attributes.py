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
    ("No haemorrhage: an infarct (arrow) in the left thalamus.", [True, False]),
    ("Calcification, not haemorrhage.", [False, True]),
    ("Not a tumour but an abscess.", [True, False]),
    ("It isn't an abscess.", [True]),
    ("No lesion other than the 3 cm cyst.", [True, False]),
    ("No fracture besides the known dislocation.", [True, False]),
    ("A mass is not only seen in the left kidney.", [False]),
    ("CT does not only show a mass but also a cyst.", [False, False]),
    ("Can't see a fracture.", [True]),
    ("CT cannot demonstrate a fistula.", [True]),
    ("MRI hasn't shown recurrent tumour.", [True]),
    ("CT did n't show a mass.", [True]),
    ("CT DIDN'T SHOW A MASS.", [True]),
    ("No enhancement within the mass.", [True, False]),
    ("No enhancement of the mass.", [True, False]),
    ("No sign of the mass.", [True]),
    ("No flow in the thrombosed portal vein.", [False]),
    ("No metastases in the liver or nodules in the lung.", [True, True]),
    ("Neither the left kidney nor the right kidney shows a stone.", [True]),
    ("Partial resolution of the effusion.", [False]),
    ("The abscess has almost disappeared.", [False]),
    ("No expansion of the haematoma.", [False]),
    ("A new nodule, not seen on the prior CT.", [False]),
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
    ("Findings in keeping with appendicitis: a thickened appendix (arrow).", [True, False]),
    ("Perhaps an abscess.", [True]),
    ("The right ovary couldn't be seen, and the left contained a cyst.", [False]),
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
    ("Left (white arrow) and right (black arrow) hydronephrosis.", ["bilateral"]),
    ("Right (arrow) pleural effusion.", ["right"]),
    ("The nodule is in the left lung and not the right.", ["left"]),
    ("The mass is in the left kidney rather than the right.", ["left"]),
    ("A cyst in the right and none in the left ovary.", ["right"]),
    ("In contrast to the left kidney, the right one has a mass.", ["right"]),
    ("Unlike the right kidney, the left kidney shows a mass.", ["left"]),
    ("The left hip is normal and the right hip shows an effusion.", ["right"]),
    ("Normal right kidney. The left shows hydronephrosis.", ["left"]),
    ("The left kidney shows a cyst, the right a stone.", ["left", "right"]),
    ("Hydronephrosis on the left, and the right kidney is normal.", ["left"]),
    ("Masses in the left kidney and the right kidney are seen.", ["bilateral"]),
    ("Bilateral cervical and left axillary lymphadenopathy.", ["bilateral"]),
    ("A left frontal, right parietal and left occipital metastasis.", ["bilateral"]),
    ("Two nodules: one in the left lung (1.2 cm) and one in the right lung (0.8 cm).", ["bilateral"]),
    ("Left anterior oblique view: stenosis of the right coronary artery.", [None]),
    ("Left lateral ventricle haemorrhage.", ["left"]),
    ("Aneurysm of the left main coronary artery.", [None]),
    ("CT on the left shows a nodule.", [None]),
    ("Tumour in R breast.", ["right"]),
    ("A mass in L liver.", [None]),
    ("The mass displaced the left kidney.", [None]),
    ("On the right, a nodule, on the left, a cyst.", ["right", "left"]),
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
    ("A stone 1.5 cm from the ureterovesical junction.", [None]),
    ("A lesion 3 cm distal to the ampulla.", [None]),
    ("A nodule within 2 cm of the carina.", [None]),
    ("A mass of 3 cm posterior to the left kidney.", [(3,)]),
    ("A 2 cm distal ureteral stone.", [(2,)]),
    ("The mass (previously 5 cm, now 3 cm) is smaller.", [(3,)]),
    ("The mass grew from 2 cm to 4 cm.", [(4,)]),
    ("Nodules of 8 mm to 1.2 cm.", [(0.8, 1.2)]),
    ("Two cysts (3 cm and 2 cm).", [(2, 3)]),
    ("The two nodules were 8 and 11 mm.", [(8, 11)]),
    ("Hepatic cyst (c), 3.5 cm, and gallstone (g), 8 mm.", [(3.5,), (8,)]),
    ("Cyst, 3.5 x 2 cm, stone, 8 mm.", [(3.5, 2), (8,)]),
    ("A large, 3.5 cm, round mass.", [(3.5,)]),
    ("A mass of 3.2 × 2.9 × 2.7 cm3.", [(3.2, 2.9, 2.7)]),
    ("A mass of 55 mm (CC), 40 mm (AP) and 30 mm (TR).", [(55, 40, 30)]),
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
    ("At L3-L4, no stenosis; at L4-L5, a protrusion.", [("L3-L4",), ("L4-L5",)]),
    ("At L3-L4, a bulge, at L4-L5, a protrusion.", [("L3-L4",), ("L4-L5",)]),
    ("Laminectomy at L3; abscess in the left psoas.", [()]),
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


@pytest.mark.parametrize("text", ["A mass ()", "[]", "n't", "A thrombus; arrow", "Red arrow, a thrombus; yellow arrow"])
def test_what_is_cut_off_is_read(text: str) -> None:
    for found in analyse_caption(text).mentions:
        assert text[found.start : found.end] == found.text


def test_every_beginning_and_end_of_a_caption_is_read() -> None:
    for text, _ in (*DENIED, *DOUBTED, *SIDES, *SIZES, *LEVELS):
        gaps = [at for at, letter in enumerate(text) if not letter.isalnum()]
        for part in (*(text[:at] for at in gaps), *(text[at:] for at in gaps)):
            for found in analyse_caption(part).mentions:
                assert part[found.start : found.end] == found.text
