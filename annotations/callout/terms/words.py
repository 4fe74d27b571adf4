"""Words as concepts compare them: no case, one spelling, singular, hyphens and spaces alike."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_BRITISH = (
    ("aemat", "emat"), ("haem", "hem"), ("oedem", "edem"), ("tumour", "tumor"), ("colour", "color"),
    ("oesoph", "esoph"), ("paed", "ped"), ("ischaem", "ischem"), ("leukaem", "leukem"), ("anaem", "anem"),
    ("centre", "center"), ("calibre", "caliber"), ("fibre", "fiber"), ("disk", "disc"), ("foet", "fet"),
    ("caec", "cec"), ("faec", "fec"), ("goitre", "goiter"),
    ("anaesth", "anesth"), ("gynaec", "gynec"), ("diarrhoea", "diarrhea"), ("oxaem", "oxem"), ("isation", "ization"),
    ("visualis", "visualiz"), ("favour", "favor"),
    ("modell", "model"), ("labell", "label"), ("grey", "gray"), ("sulph", "sulf"),
    ("phaeo", "pheo"), ("mould", "mold"), ("dilation", "dilatation"), ("heterogenous", "heterogeneous"),
)  # fmt: skip
_PLURALS = {
    "emboli": "embolus", "thromboemboli": "thromboembolus", "thrombi": "thrombus", "septa": "septum",
    "septae": "septum", "bullae": "bulla", "calculi": "calculus", "foramina": "foramen",
    "foraminae": "foramen", "foramens": "foramen", "vertebrae": "vertebra", "varices": "varix",
    "cortices": "cortex", "apices": "apex", "bronchi": "bronchus", "hila": "hilum", "pleurae": "pleura",
    "corpora": "corpus", "thalami": "thalamus", "loculi": "loculus", "nuclei": "nucleus",
    "diverticula": "diverticulum", "foci": "focus", "calyces": "calyx", "calices": "calyx", "noduli": "nodulus",
    "stenoses": "stenosis", "thromboses": "thrombosis", "fibroses": "fibrosis",
    "atelectases": "atelectasis", "bronchiectases": "bronchiectasis", "scleroses": "sclerosis",
    "necroses": "necrosis", "anastomoses": "anastomosis", "diagnoses": "diagnosis", "aponeuroses": "aponeurosis",
    "hydronephroses": "hydronephrosis", "pelves": "pelvis", "lumina": "lumen", "stomata": "stoma",
    "lymphomata": "lymphoma", "fibromata": "fibroma", "haematomata": "hematoma", "hematomata": "hematoma",
    "atria": "atrium", "crura": "crus", "meninges": "meninx", "viscera": "viscus", "lobuli": "lobulus",
    "gyri": "gyrus", "sulci": "sulcus", "fistulae": "fistula", "scapulae": "scapula", "bursae": "bursa",
    "menisci": "meniscus", "labra": "labrum", "tophi": "tophus", "sequestra": "sequestrum", "nidi": "nidus",
    "ossa": "os", "aneurysmata": "aneurysm",
    "ulcera": "ulcer", "sinuses": "sinus", "abscesses": "abscess", "viruses": "virus", "humeri": "humerus",
    "femora": "femur", "tali": "talus", "rami": "ramus", "villi": "villus", "fundi": "fundus", "uteri": "uterus",
    "microcalculi": "microcalculus", "trabeculae": "trabecula", "laminae": "lamina", "maxillae": "maxilla",
    "fasciae": "fascia", "costae": "costa", "conchae": "concha", "epiphyses": "epiphysis",
    "metaphyses": "metaphysis", "diaphyses": "diaphysis", "phalanges": "phalanx", "diastases": "diastasis",
    "psoases": "psoas", "ostia": "ostium", "pneumothoraces": "pneumothorax", "hemothoraces": "hemothorax",
    "hydrothoraces": "hydrothorax", "thoraces": "thorax", "helices": "helix", "matrices": "matrix",
    "calvaria": "calvarium", "papillae": "papilla", "patellae": "patella", "tonsillae": "tonsilla",
    "ischia": "ischium", "ilia": "ilium", "antra": "antrum", "hiatuses": "hiatus", "teeth": "tooth", "feet": "foot",
    "scolices": "scolex", "vertices": "vertex", "appendices": "appendix", "testes": "testis",
    "epididymides": "epididymis", "arthritides": "arthritis", "synostoses": "synostosis", "exostoses": "exostosis",
    "hyperostoses": "hyperostosis", "arthroses": "arthrosis", "kyphoses": "kyphosis", "syringes": "syrinx",
    "cysticerci": "cysticercus", "ganglia": "ganglion", "putamina": "putamen", "gummata": "gumma",
    "metastases": "metastasis", "tuberosities": "tuberosity", "i.v.": "iv", "i. v.": "iv",
}  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_NOT_PLURAL = ("ss", "us", "is")
_SINGULAR = frozenset(
    (
        "pancreas", "psoas", "iliopsoas", "atlas", "gas", "lens", "pons", "azygos", "wilms", "was", "has", "does",
        "whereas", "perhaps", "besides", "asteriks", "trans",
    )
)  # fmt: skip


@lru_cache(maxsize=65536)
def normal(word: str) -> str:
    """`word` without case, in American spelling and singular.

    >>> normal("Tumours"), normal("oedema"), normal("metastases"), normal("masses")
    ('tumor', 'edema', 'metastasis', 'mass')
    """
    lowered = unicodedata.normalize("NFKC", word).casefold().replace("\u2019", "'").removesuffix("'s")
    for british, american in _BRITISH:
        if british in lowered:
            lowered = lowered.replace(british, american)
    return _singular(lowered)


def _singular(word: str) -> str:
    if word in _PLURALS:
        return _PLURALS[word]
    if word.endswith("omata"):
        return word[:-2]
    if len(word) < 4 or not word.endswith("s") or word.endswith(_NOT_PLURAL) or word in _SINGULAR:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=65536)
def words_of(phrase: str) -> tuple[str, ...]:
    """The words of `phrase` in the form that is compared; everything but letters and digits parts words.

    >>> words_of("Ground-glass opacities")
    ('ground', 'glass', 'opacity')
    """
    return tuple(normal(word) for word in _WORD.findall(phrase))


def word_set(words: str) -> frozenset[str]:
    """The words of a table, parted by white space."""
    return frozenset(words.split())
