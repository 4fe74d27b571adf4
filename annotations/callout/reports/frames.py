"""What a word of kind, a state or a place makes of the head it stands with: "lytic lesion", "collapse of the lobe"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_KINDS = (
    ("cavitating cavitary cavitated", "lesion nodule mass opacity consolidation", "cavity"),
    ("cystic", "lesion mass tumor structure", "cyst"),
    ("lytic osteolytic", "lesion", "lytic lesion"),
    ("sclerotic osteoblastic", "lesion", "sclerosis"),
    ("bony osseous skeletal", "metastasis", "bone metastasis"),
    ("metastatic", "lesion nodule mass deposit", "metastasis"),
    ("glass", "opacity lesion nodule infiltrate", "ground-glass opacity"),
)  # fmt: skip
# What a word of kind makes of a head: head → word → finding.
TYPES: Mapping[str, Mapping[str, str]] = {
    head: {word: name for words, those, name in _KINDS if head in those.split() for word in words.split()}
    for _, heads, _ in _KINDS
    for head in heads.split()
}

ANY = "*"
_NEURAL = {
    "cord": "spinal cord compression",
    "root": "nerve root compression",
    "sac": "thecal sac compression",
}
# "HEAD of PLACE" names a finding by the place's group; the span reaches to the place where that makes the term.
FRAMES: Mapping[str, Mapping[str, str]] = {
    "compression": _NEURAL | {"trachea": "tracheal compression", "canal": "spinal stenosis", "vessel": "stenosis",
                              "vertebra": "vertebral compression fracture", ANY: "mass effect"},
    "impingement": _NEURAL,
    "indentation": _NEURAL,
    "effacement": {"sac": "thecal sac compression", "canal": "thecal sac compression", "head": "mass effect"},
    "destruction": {ANY: "bone destruction"},
    "erosion": {ANY: "bone destruction"},
    "displacement": {"device": "device displacement", ANY: "displacement"},
    "deviation": {ANY: "displacement"},
    "shift": {"chest": "mediastinal shift", ANY: "displacement"},
    "atresia": {"vessel": "venous atresia", ANY: "malformation"},
    "interruption": {"vessel": "venous atresia"},
    "thinning": {"cord": "atrophy", "head": "atrophy", "muscle": "atrophy", ANY: "cortical thinning"},
    "infiltration": {"lung": "infiltrate"},
    "opacification": {"head": "sinus opacification"},
    "prolapse": {"disc": "disc herniation"},
    "herniation": {"disc": "disc herniation"},
    "protrusion": {"disc": "disc herniation"},
    "extrusion": {"disc": "disc herniation", "extremity": "displacement"},
    "bulging": {"disc": "disc herniation", "vertebra": "displacement"},
    "degeneration": {"disc": "disc dehydration"},
    "desiccation": {"disc": "disc dehydration"},
    "dehydration": {"disc": "disc dehydration"},
    "infection": {"disc": "discitis", "vertebra": "osteomyelitis", "bone": "osteomyelitis"},
    "stenosis": {"foramen": "foraminal stenosis", "canal": "spinal stenosis"},
    "arrosion": {ANY: "bone destruction"},
    "deflection": {ANY: "displacement"},
    "elevation": {ANY: "displacement"},
    "avulsion": {"vessel": "vessel transection"},
    "encasement": {ANY: "invasion"},
    "encroachment": {ANY: "mass effect"},
    "scalloping": {"vertebra": "scalloping", "abdomen": "scalloping"},
    "rupture": {"extremity": "tear", "vessel": "vessel transection"},
    "splaying": {ANY: "displacement"},
    "dislodgement": {ANY: "device displacement"},
    "migration": {"device": "device displacement"},
    "malposition": {"device": "device displacement"},
    "thickening": {"bowel": "bowel wall thickening", "pleura": "pleural thickening",
                   "ureter": "ureteral thickening", "trachea": "bronchial wall thickening"},
    "absence": {"extremity": "malformation", "vessel": "venous atresia", "muscle": "tendon absence",
                "kidney": "hypoplasia", "abdomen": "hypoplasia", "pelvis": "hypoplasia", "head": "malformation"},
    "fusion": {"head": "malformation", "kidney": "malformation", "vertebra": "vertebral abnormality"},
    "spread": {ANY: "invasion"},
    "expansion": {"bone": "bone remodelling", "head": "bone remodelling", "chest": "bone remodelling"},
    "swelling": {"neck": "soft-tissue swelling", "extremity": "soft-tissue swelling", "muscle": "soft-tissue swelling"},
    "nonvisualization": {ANY: "non-visualisation"},
    "pathology": {ANY: "lesion"},
    "damage": {"vertebra": "vertebral abnormality", ANY: "lesion"},
    "collapse": {"bone": "bone destruction", "extremity": "bone destruction"},
    "obliteration": {"vessel": "obstruction", "bowel": "obstruction", "ureter": "obstruction", "trachea": "obstruction",
                     ANY: "non-visualisation"},
    "prominence": {"kidney": "hydronephrosis", "ureter": "hydroureter", "vessel": "vascular dilatation"},
    "narrowing": {"canal": "spinal stenosis", "foramen": "foraminal stenosis", "trachea": "tracheal compression",
                  "disc": "disc height loss", "vessel": "stenosis", "bowel": "stenosis"},
    "dilatation": {"kidney": "hydronephrosis", "ureter": "hydroureter", "vessel": "vascular dilatation",
                   "head": "ventriculomegaly", "trachea": "bronchiectasis"},
}  # fmt: skip
# What is said of a place before its name ("thrombosed left portal vein") and names a finding by the place's group.
STATES: Mapping[str, Mapping[str, str]] = {
    "dilated": {"vessel": "vascular dilatation", "bowel": "bowel dilatation", "kidney": "hydronephrosis",
                "ureter": "hydroureter", "trachea": "bronchiectasis"},
    "dolichoectatic": {"vessel": "vascular dilatation"},
    "tortuous": {"vessel": "vascular dilatation"},
    "persistent": {"vessel": "anatomical variant"},
    "replaced": {"vessel": "anatomical variant"},
    "aberrant": {"vessel": "anatomical variant", ANY: "anatomical variant"},
    "thickened": {"bowel": "bowel wall thickening", "pleura": "pleural thickening", "ureter": "ureteral thickening",
                  "trachea": "bronchial wall thickening", ANY: "hypertrophy"},
    "enlarged": {"vessel": "vascular dilatation", ANY: "hypertrophy"},
    "thrombosed": {"vessel": "thrombus"},
    "occluded": {"vessel": "obstruction", "trachea": "obstruction", "bowel": "obstruction", "ureter": "obstruction"},
    "narrowed": {"vessel": "stenosis", "bowel": "stenosis", "trachea": "tracheal compression",
                 "canal": "spinal stenosis", "foramen": "foraminal stenosis", "disc": "disc height loss"},
    "compressed": _NEURAL | {"trachea": "tracheal compression", "vessel": "stenosis", ANY: "mass effect"},
    "prominent": {"vessel": "vascular dilatation", "kidney": "hydronephrosis", "ureter": "hydroureter"},
    "collapsed": {"vertebra": "vertebral collapse", "lung": "atelectasis", "bone": "bone destruction"},
    "devascularized": {ANY: "infarct"},
    "devascularised": {ANY: "infarct"},
    "thin": {"head": "atrophy", "cord": "atrophy", "muscle": "atrophy"},
    "fractured": {"bone": "fracture", "vertebra": "fracture", "posterior": "fracture"},
    "calcified": {ANY: "calcification"},
    "torn": {"extremity": "tear"},
    "inflamed": {ANY: "inflammation"},
    "edematous": {ANY: "oedema"},
    "atrophic": {ANY: "atrophy"},
    "infarcted": {ANY: "infarct"},
    "displaced": {"device": "device displacement", ANY: "displacement"},
    "hypoplastic": {ANY: "hypoplasia"},
    "hyperdense": {"vessel": "hyperdensity"},
    "absent": {"vessel": "venous atresia", "kidney": "hypoplasia", "abdomen": "hypoplasia", "pelvis": "hypoplasia",
               "head": "malformation", "lung": "hypoplasia"},
    "fused": {"head": "malformation", "kidney": "malformation", "vertebra": "vertebral abnormality"},
    "hypertrophied": {ANY: "hypertrophy"},
    "hypertrophic": {ANY: "hypertrophy"},
    "migrated": {"device": "device displacement"},
    "dislodged": {"device": "device displacement"},
    "malpositioned": {"device": "device displacement"},
    "misplaced": {"device": "device displacement"},
    "broken": {"device": "device displacement"},
    "dislocated": {"device": "device displacement", "extremity": "subluxation", "bone": "subluxation"},
    "deviated": {ANY: "displacement"},
    "encased": {"vessel": "invasion"},
    "invaded": {ANY: "invasion"},
    "infiltrated": {ANY: "invasion"},
    "shrunken": {ANY: "atrophy"},
    "atretic": {"vessel": "venous atresia", ANY: "malformation"},
    "stenotic": {ANY: "stenosis"},
    "stenosed": {ANY: "stenosis"},
    "obstructed": {ANY: "obstruction"},
    "perforated": {ANY: "perforation"},
    "ruptured": {"extremity": "tear", ANY: "perforation"},
    "herniated": {"disc": "disc herniation", ANY: "hernia"},
    "duplicated": {ANY: "malformation"},
    "aneurysmal": {"vessel": "aneurysm"},
    "swollen": {ANY: "oedema"},
    "engorged": {"vessel": "vascular dilatation"},
    "ectatic": {"vessel": "vascular dilatation", "kidney": "hydronephrosis", "ureter": "hydroureter"},
    "distended": {"bowel": "bowel dilatation", "kidney": "hydronephrosis", "ureter": "hydroureter",
                  "vessel": "vascular dilatation"},
    "necrotic": {ANY: "necrosis"},
    "eroded": {ANY: "bone destruction"},
    "destroyed": {ANY: "bone destruction"},
    "sclerotic": {"bone": "sclerosis", "vertebra": "sclerosis"},
    "thinned": {"cord": "atrophy", ANY: "cortical thinning"},
    "opacified": {"head": "sinus opacification", "lung": "opacity"},
    "deformed": {ANY: "malformation"},
    "avulsed": {"bone": "fracture", "extremity": "tear"},
}  # fmt: skip
# What a site word at the term makes of it: the stems of such words, and the finding.
_BY_SITE: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    head: tuple((tuple(stems.split()), name) for stems, name in rows)
    for head, rows in {
        "thickening": (
            ("fascia", "fat stranding"),
            ("tissue subcutan cutane skin derm", "soft-tissue swelling"),
            ("pleura fissur", "pleural thickening"),
            ("periton oment mesenter", "peritoneal thickening"),
            ("bronch", "bronchial wall thickening"),
            ("ureter vesic bladder urothel", "ureteral thickening"),
            ("septal", "interlobular septal thickening"),
            ("sinus", "sinus opacification"),
            ("jejun duoden ile colon gastr stomach rect esophag bowel intestin cec append sigmoid antr gallbladder wall"
             " mural", "bowel wall thickening"),
        ),
        "dilatation": (("ventric", "ventriculomegaly"), ("heart cardi", "cardiomegaly"),
                       ("vascul vessel", "vascular dilatation")),
        "prominence": (
            ("tissue", "soft-tissue swelling"),
            ("ventric", "ventriculomegaly"),
            ("sulc gyr cistern", "atrophy"),
            ("node", "lymphadenopathy"),
        ),
        "perforation": (("ligament tendon menisc cruciate acl pcl achilles cuff labr", "tear"),),
        "intussusception": (("pleur fissur azygos", "anatomical variant"),),
        "swelling": (
            ("pharyng oropharyng nasopharyng hypopharyng laryng submandib parotid neck faci face cheek scalp eyelid lip"
             " periorbit preseptal limb leg thigh calf foot knee ankle elbow shoulder wrist hand finger muscl",
             "soft-tissue swelling"),
        ),
        "hypertrophy": (
            ("splen spleen", "splenomegaly"),
            ("cardi heart", "cardiomegaly"),
            ("node nodal lymph", "lymphadenopathy"),
        ),
        "volume loss": (
            ("cerebr cerebell hippocamp cortical brain frontal parietal temporal occipital cord white gray thalam"
             " muscl", "atrophy"),
        ),
        "fluid collection": (("pleural", "pleural effusion"), ("pericard", "pericardial effusion")),
        "oedema": (("marrow bone osse subchondral", "bone marrow oedema"),),
        "metastasis": (("bone bony osse skelet vertebra spin rib sacr", "bone metastasis"),),
        "invasion": (("bone bony osse marrow vertebra skelet", "bone involvement"), ("pleura", "pleural involvement")),
        "stenosis": (
            ("trache bronch airway", "tracheal compression"),
            ("canal spin", "spinal stenosis"),
            ("foramin foramen", "foraminal stenosis"),
        ),
        "mass effect": (
            ("trache", "tracheal compression"),
            ("cord medull", "spinal cord compression"),
            ("root nerve radicul", "nerve root compression"),
            ("thecal dural", "thecal sac compression"),
        ),
        "fat": (("mesenter oment perineph periren peripancrea pericol", "fat stranding"),),
        "fracture": (("vertebra", "vertebral compression fracture"),),
    }.items()
}  # fmt: skip
# Here the place tells which finding, but the head alone is the mention.
HEADS: Mapping[str, Mapping[str, str]] = {
    "collapse": {"vertebra": "vertebral collapse", "lung": "atelectasis"},
    "emphysema": {"neck": "subcutaneous emphysema", "muscle": "subcutaneous emphysema"},
    "thickening": {"lung": "pleural thickening", "pleura": "pleural thickening", "bowel": "bowel wall thickening"},
    "bulge": {"disc": "disc herniation", "vertebra": "disc herniation"},
    "effusion": {"extremity": "fluid collection", "posterior": "fluid collection"},
    "edema": {"vertebra": "bone marrow oedema", "bone": "bone marrow oedema"},
}


def sited(name: str, words: Sequence[str]) -> str | None:
    """The finding that a site among `words` (compared form) makes of the one of that name, or None."""
    for stems, found in _BY_SITE.get(name, ()):
        if any(word.startswith(stems) for word in words):
            return found
    return None
