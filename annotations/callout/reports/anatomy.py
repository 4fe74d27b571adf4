"""Places in the body as captions name them, and the adjectives that stand for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from callout.reports.tokens import Phrases
from callout.terms.words import word_set


@dataclass(frozen=True, slots=True)
class Site:
    """A place: its name in the singular, what of a vertebral level it is (or None), its region of the body."""

    name: str
    kind: str | None
    region: str | None
    group: str


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
    neuroforaminal foraminal disc cord nerve root midline csf gallbladder kidney lymph artery vein breast rib
    tendon ligament meniscal labral joint wall skull facet endplate tumor mass white gray matter gallbladder
    compression stress avulsion burst insufficiency pathological pathologic organizing
    squamous cell papillary mucinous serous ductal stromal follicular
    hepatocellular neuroendocrine tuberculous tubercular pyogenic hydatid fungal amebic septic infectious
    myxoid pleomorphic cavernous desmoid carcinoid aneurysmal arachnoid epidermoid dermoid colloid
    portal azygos iliac femoral carotid tonsillar uncal subfalcine biliary limbic ischemic
    lacunar hemorrhagic leptomeningeal pachymeningeal meningeal ligamentous chondral osteochondral
    nasopharyngeal oropharyngeal urothelial parathyroid periapical osteoid lipoid radiation branchial epiploic
    nonossifying inverted glomus necrotizing wilms warthin morton ewing kaposi burkitt hodgkin brenner krukenberg
    klatskin pancoast rathke branchial plantar choledochal
    """
)
# The stems and prefixes of adjectives that say where, of which new ones are made at will ("peripancreatic").
_STEMS = word_set(
    """
    hepat splen nephr renal adren pancrea gastr duoden jejun ileal ileo cecal colon colic colorect rectal recto
    sigmoid append mesenter oment periton pelvi vesic ureter urethr prostat uter endometri myometri cervic vagin
    ovar adnex testic scrot pulmon bronch trache pleur hilar mediastin pericard myocard endocard cardi ventricul
    atrial aort arteri venous vascul lymph thym thyro parathyr parot submandibul laryng pharyng tonsil nasal
    sinonas orbit ocul retin optic mastoid petr temporal front pariet occipit thalam cerebell cerebr crani
    mening dural arachn tentori pontin medull pituit sellar callos spin vertebr discal neural radicul facet sacr
    coccyg lumb thorac costal stern clavic scapul humer ulnar carpal metacarp phalang femor patell tibi fibul
    tarsal metatars calcan talar acetabul ischi pubic iliac muscul tendin ligament menisc labr synov burs chondr
    osse ossic cortic cutane dermal mamm axill inguin umbilic abdomin diaphrag phren bili cholecyst portal caval
    perine glute mandibul maxill ethmoid sphenoid palat lingu gingiv dental alveol zygomat pylor esophag
    hippocamp insul ophthalm lacrim choroid ependym vestibul cochle jugul carotid subclavi brachi poplit
    intestin enter bronchio colic lobar nodal foramin canalicul tympan articul axial capsul coron ampull mural lumin
    parenchym hemispher
    """
)
_PREFIXES = "peri para intra extra sub supra infra inter trans pre retro epi endo juxta hemi trans ante meso"
# These say where only behind a prefix: "perinodular", but not "nodular".
_ONLY_PREFIXED = "nodul tumor lesion abscess prosthet implant hemat placent ganglion sutur cyst"
_SITE = re.compile(
    rf"(?:{'|'.join(_PREFIXES.split())})?(?:{'|'.join(sorted(_STEMS))})[a-z]*"
    rf"|(?:{'|'.join(_PREFIXES.split())})(?:{'|'.join(_ONLY_PREFIXED.split())})[a-z]*"
)
_ADJECTIVES = ("al", "ar", "ic", "ous", "ary", "ine", "ean", "ian")
_NO_SITES = word_set("axial portal ovary pituitary")


_ADJECTIVE_ENDS = ("ous", "ed", "al", "ar", "ic", "ive", "ant", "ent", "ary", "oid", "ing", "ense", "round", "oval")
_LOOKS = word_set(
    """
    large small slight mild thick thin huge soft big wide cm mm
    """
)


@lru_cache(maxsize=65536)
def makes_term(word: str) -> bool:
    """Whether `word` (compared form) before a finding's head belongs to its name: "peripancreatic".

    >>> makes_term("intramedullary"), makes_term("irregular")
    (True, False)
    """
    return word in PREMODIFIERS or is_site(word)


@lru_cache(maxsize=65536)
def is_site(word: str) -> bool:
    """Whether `word` (compared form) is an adjective that says where."""
    return word.endswith(_ADJECTIVES) and word not in _NO_SITES and _SITE.fullmatch(word) is not None


def is_adjective(word: str) -> bool:
    """Whether `word` (compared form) looks like an adjective before a noun."""
    return word in _LOOKS or word.endswith(_ADJECTIVE_ENDS)


def _rows() -> Iterator[tuple[str, Site]]:
    from importlib import resources

    table = resources.files("callout.terms").joinpath("places.txt").read_text(encoding="utf-8")
    for line in table.splitlines():
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
