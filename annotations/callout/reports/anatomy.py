"""Places in the body as captions name them, and the adjectives that stand for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from callout.reports.tokens import Phrases
from callout.terms.words import word_set


@dataclass(frozen=True, slots=True)
class Site:
    """A place: its name in the singular, what of a vertebral level it is (or None), its region of the body."""

    name: str
    kind: str | None
    region: str | None
    group: str


# group: region: kind: names. The group is what a phrase "compression of NAME" asks for.
_PLACES = """
vertebra: spine: body: vertebral body; vertebra; body; corpus; vertebra corpus; vertebral corpus; endplate
posterior: spine: posterior elements: posterior element; neural arch; lamina; pedicle; spinous process
posterior: spine: posterior elements: facet joint
posterior: spine: posterior elements: transverse process; facet; articular process
disc: spine: disc: disc; intervertebral disc; disc space; intervertebral space; intervertebral disc space
foramen: spine: foramen: neural foramen; foramen; intervertebral foramen; neuroforamen; lateral recess
canal: spine: canal: spinal canal; canal; vertebral canal; central canal; epidural space
canal: spine: canal: posterior epidural space
sac: spine: canal: thecal sac; dural sac; dorsal sac; sac; dura; subdural space; intradural space
cord: spine: canal: spinal cord; cord; conus; conus medullaris; thoracic cord; cervical cord; lumbar cord
root: spine: -: nerve root; root; exiting nerve root; traversing nerve root; cauda equina; exiting root
spine: spine: -: spine; lumbar spine; thoracic spine; cervical spine; lumbosacral spine; vertebral column
spine: spine: -: dorsal spine; spinal column; lumbo-sacral spine; dorsolumbar spine; spinal; psoas
spine: spine: -: psoas muscle
spine: spine: -: paravertebral; paraspinal; prevertebral; extradural; epidural; intradural
spine: spine: -: ligamentum flavum
spine: spine: -: paravertebral region; prevertebral region; paravertebral area; paravertebral soft tissue
spine: spine: -: prevertebral soft tissue; paraspinal muscle; paravertebral space; prevertebral space
spine: spine: -: paraspinal region
bone: -: -: bone; cortex; cortical bone; bony structure; osseous structure; adjacent bone; bone marrow
bone: -: -: marrow
bone: chest: -: rib; sternum; manubrium; clavicle; scapula; chest wall; thoracic wall
bone: pelvis: -: sacrum; iliac bone; ilium; pelvic bone; acetabulum; pubis; iliac spine; iliac wing
bone: pelvis: -: sacroiliac joint
bone: extremity: -: femur; tibia; fibula; humerus; radius; ulna; patella; calcaneus; talus; femoral head
bone: extremity: -: metacarpal
bone: head: -: skull; orbit; mandible; maxilla; frontal bone; temporal bone; skull base; alveolar ridge
bone: head: -: calvarium
lung: -: -: lobe; segment
lung: chest: -: lung; upper lobe; lower lobe; middle lobe; lingula; lung base; lung apex; apex
lung: chest: -: lung field
lung: chest: -: lung parenchyma; pulmonary parenchyma; lung zone; upper zone; lower zone
lung: chest: -: middle zone; lung lobe
lung: chest: -: pulmonary; hemithorax; hilum; perihilar region; lung window; subpleural
lung: chest: -: parenchyma of lung; thorax
pleura: chest: -: pleura; pleural space; pleural cavity; pleural; costophrenic angle; fissure
chest: chest: -: chest; mediastinum; posterior mediastinum; anterior mediastinum; mediastinal; pericardium
chest: chest: -: heart
chest: chest: -: atrium; right atrium; left atrium; ventricle of heart; thymus; breast; axilla
chest: chest: -: superior vena cava
chest: chest: -: middle mediastinum; pulmonary trunk; thoracic aorta; aortic arch; ascending aorta
chest: chest: -: descending aorta
trachea: chest: -: trachea; main bronchus; bronchus; airway; carina; tracheal wall
vessel: chest: -: pulmonary artery; pulmonary vein; main pulmonary artery; innominate artery
vessel: chest: -: subclavian artery
vessel: -: -: artery; vein; aorta; inferior vena cava; vessel; IVC; SVC; portal vein; splenic vein
vessel: -: -: hepatic vein
vessel: neck: -: carotid artery; internal carotid artery; external carotid artery; jugular vein
vessel: neck: -: internal jugular vein
vessel: abdomen: -: renal vein; renal artery; mesenteric artery; superior mesenteric artery
vessel: abdomen: -: superior mesenteric vein
vessel: pelvis: -: iliac artery; iliac vein; femoral vein; femoral artery; common femoral vein
vessel: pelvis: -: external iliac; iliac vessel
bowel: abdomen: -: bowel; small bowel; large bowel; colon; terminal ileum; ileum; jejunum; duodenum
bowel: abdomen: -: stomach; cecum
bowel: abdomen: -: appendix; sigmoid colon; sigmoid; rectum; esophagus; intestine; bowel wall; bowel loop
bowel: abdomen: -: transverse colon
bowel: abdomen: -: ascending colon; descending colon; gastric antrum; gastric wall; antrum; rectosigmoid
ureter: abdomen: -: ureter; distal ureter; proximal ureter; ureteropelvic junction
ureter: abdomen: -: vesicoureteric junction; mid ureter
kidney: abdomen: -: kidney; renal pelvis; pelvicalyceal system; collecting system; calyx; renal cortex
kidney: abdomen: -: renal; renal bed
abdomen: abdomen: -: abdomen; upper abdomen; abdominal; liver; spleen; pancreas; gallbladder
abdomen: abdomen: -: adrenal gland; adrenal
abdomen: abdomen: -: peritoneum; omentum; greater omentum; mesentery; retroperitoneum; retroperitoneal
abdomen: abdomen: -: abdominal wall
abdomen: abdomen: -: quadrate lobe of liver; hepatic; splenic; paracolic gutter; iliac fossa
abdomen: abdomen: -: common bile duct; bile duct
abdomen: abdomen: -: peritoneal cavity; abdominal cavity; pancreatic head; pancreatic tail; hepatic lobe
abdomen: abdomen: -: porta hepatis
pelvis: pelvis: -: pelvis; bladder; urinary bladder; uterus; ovary; prostate; groin; pelvic; uterine
pelvis: pelvis: -: perineum; vagina
pelvis: pelvis: -: adnexa; cervix; seminal vesicle; pelvic cavity; pelvic floor; presacral space
pelvis: pelvis: -: inguinal region
head: head: -: brain; head; cerebral hemisphere; hemisphere; frontal lobe; parietal lobe; temporal lobe
head: head: -: occipital lobe
head: head: -: thalamus; basal ganglion; basal ganglia; pons; medulla oblongata; midbrain; cerebellum
head: head: -: brainstem; pituitary
head: head: -: optic nerve; frontal sinus; maxillary sinus; sphenoid sinus; sagittal sinus
head: head: -: superior sagittal sinus
head: head: -: lateral ventricle; fourth ventricle; third ventricle; corpus callosum; forehead; cerebral
head: head: -: nasal cavity
head: head: -: cavernous sinus; transverse sinus; sigmoid sinus; internal auditory canal
head: head: -: preauricular region; parotid gland
head: head: -: nasal alar base; piriform aperture; hippocampus; insula; internal capsule; white matter
head: head: -: face; scalp; sella
neck: neck: -: neck; thyroid; thyroid gland; larynx; pharynx; parapharyngeal space; retropharyngeal space
neck: neck: -: tonsil; cervical
neck: neck: -: submandibular gland; oropharynx; nasopharynx; hypopharynx; supraclavicular region
neck: neck: -: vocal cord; tongue
extremity: extremity: -: knee; ankle; wrist; elbow; shoulder; hip; thigh; calf; foot; hand; arm; forearm
extremity: extremity: -: leg; limb
extremity: extremity: -: bicipital groove; thumb; finger; toe; lower limb; upper limb; rotator cuff
extremity: extremity: -: supraspinatus; tendon
muscle: -: -: muscle; tibialis posterior muscle; adductor muscle; soft tissue; subcutaneous tissue
muscle: -: -: subcutaneous fat; skin
device: -: -: tube; catheter; stent; bumper; electrode; screw; lead; prosthesis; drain; clip; coil; filter
"""

# Words that make a term together with the head they stand before ("mediastinal lymphadenopathy").
PREMODIFIERS = word_set(
    """
    pulmonary lung parenchymal pleural mediastinal hilar hepatic liver splenic renal adrenal pancreatic
    gastric colonic peritoneal retroperitoneal mesenteric omental pelvic uterine ovarian bladder prostatic
    ureteral ureteric thyroid paravertebral prevertebral paraspinal epidural subdural extradural intradural
    intramedullary extramedullary spinal vertebral intervertebral thecal psoas iliopsoas intramuscular
    subcutaneous cutaneous muscular brain cerebral cerebellar intracranial intracerebral subarachnoid
    intraventricular thalamic frontal parietal temporal occipital orbital maxillary sphenoid ethmoid nasal
    sinus pericardial cardiac aortic arterial venous vascular bone bony osseous skeletal soft tissue
    inguinal axillary cervical supraclavicular paraaortic retrocrural abdominal intraabdominal
    intraperitoneal thymic bronchial peribronchial peribronchovascular endobronchial tracheal esophageal
    perirenal perinephric subphrenic perianal presacral tubo adnexal neoplastic malignant metastatic
    parenchymatous lobar mandibular parotid laryngeal pharyngeal nodal muscle marrow bowel colon
    neuroforaminal foraminal disc cord nerve root midline csf
    """
)


def _rows() -> Iterator[tuple[str, Site]]:
    for line in _PLACES.strip().splitlines():
        group, region, kind, names = (cell.strip() for cell in line.split(":", 3))
        for name in (name.strip() for name in names.split(";")):
            yield name, Site(_NAMES.get(name, name), _or_none(kind), _or_none(region), group)


_NAMES = {
    "vertebra": "vertebra", "body": "vertebral body", "corpus": "vertebral body", "vertebra corpus": "vertebral body",
    "vertebral corpus": "vertebral body", "posterior element": "posterior elements", "foramen": "neural foramen",
    "neuroforamen": "neural foramen", "cord": "spinal cord", "root": "nerve root", "sac": "thecal sac",
    "canal": "spinal canal", "psoas": "psoas muscle", "disc": "intervertebral disc", "pleural": "pleura",
    "mediastinal": "mediastinum", "pulmonary": "lung", "paravertebral region": "paravertebral",
    "prevertebral region": "prevertebral", "paravertebral area": "paravertebral", "hepatic": "liver",
    "splenic": "spleen", "renal": "kidney", "abdominal": "abdomen", "pelvic": "pelvis", "spinal": "spine",
    "paraspinal region": "paraspinal", "adjacent bone": "bone", "exiting nerve root": "exiting nerve root",
}  # fmt: skip


def _or_none(word: str) -> str | None:
    return None if word == "-" else word


@cache
def places() -> Phrases[Site]:
    """Every name of a place → the place."""
    return Phrases(_rows())
