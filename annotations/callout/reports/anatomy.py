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
vessel: chest: -: superior vena cava
chest: chest: -: middle mediastinum
vessel: chest: -: pulmonary trunk; thoracic aorta; aortic arch; ascending aorta; descending aorta
vessel: chest: -: descending thoracic aorta; ascending thoracic aorta; brachiocephalic vein; brachiocephalic artery
trachea: chest: -: trachea; main bronchus; bronchus; airway; carina; tracheal wall
vessel: chest: -: pulmonary artery; pulmonary vein; main pulmonary artery; innominate artery
vessel: chest: -: subclavian artery
vessel: -: -: true lumen; false lumen; lumen
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
abdomen: abdomen: -: porta hepatis; thoracic cavity; uterine cavity; medullary cavity; joint cavity; glenoid cavity
pelvis: pelvis: -: pelvis; bladder; urinary bladder; uterus; ovary; prostate; groin; pelvic; uterine
pelvis: pelvis: -: perineum; vagina
pelvis: pelvis: -: adnexa; cervix; seminal vesicle; pelvic cavity; pelvic floor; presacral space
pelvis: pelvis: -: inguinal region
head: head: -: brain; head; cerebral hemisphere; hemisphere; frontal lobe; parietal lobe; temporal lobe
head: head: -: occipital lobe
head: head: -: thalamus; basal ganglion; basal ganglia; pons; medulla oblongata; midbrain; cerebellum
head: head: -: brainstem; pituitary
head: head: -: optic nerve; frontal sinus; maxillary sinus; sphenoid sinus
head: head: -: lateral ventricle; fourth ventricle; third ventricle; corpus callosum; forehead; cerebral
head: head: -: nasal cavity; oral cavity; tympanic cavity; cranial cavity; buccal cavity
head: head: -: sinonasal cavity; orbital cavity
head: head: -: cavernous sinus; internal auditory canal
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
chest: chest: -: mediastinal vein; azygos vein; left ventricle
chest: chest: -: interatrial septum; atrial septum; ventricular septum
chest: chest: -: right ventricle; myocardium; aortic valve; mitral valve
chest: chest: -: coronary artery; left main coronary artery; interventricular septum; coronary sinus; aortic root
chest: chest: -: hemidiaphragm; diaphragm; thoracic duct; aortic isthmus; left atrial appendage; septum
vessel: head: -: middle cerebral artery; anterior cerebral artery; posterior cerebral artery; basilar artery
vessel: head: -: anterior communicating artery; posterior communicating artery; circle of Willis; vertebral artery
vessel: head: -: sagittal sinus; superior sagittal sinus; transverse sinus; sigmoid sinus
vessel: head: -: straight sinus; cortical vein; superior ophthalmic vein; ophthalmic artery
vessel: head: -: MCA; ACA; PCA; ICA; left MCA; right MCA
vessel: abdomen: -: SMA; SMV; IMV
vessel: abdomen: -: celiac trunk; celiac artery; splenic artery; hepatic artery; gastroduodenal artery; gonadal vein
vessel: abdomen: -: inferior mesenteric artery; inferior mesenteric vein; abdominal aorta; celiac axis; gastric artery
vessel: pelvis: -: ovarian vein; common iliac artery; common iliac vein; internal iliac artery; uterine artery
vessel: extremity: -: popliteal artery; popliteal vein; brachial artery; radial artery; axillary artery; axillary vein
vessel: extremity: -: superficial femoral artery; saphenous vein; cephalic vein; basilic vein
abdomen: abdomen: -: gallbladder wall; gallbladder neck; cystic duct; hepatic duct; pancreatic duct; pancreatic body
abdomen: abdomen: -: main pancreatic duct; uncinate process; head of the pancreas; tail of the pancreas; papilla
abdomen: abdomen: -: lesser sac; falciform ligament; ligamentum teres; hepatic hilum; splenic hilum; CBD; ampulla
abdomen: abdomen: -: perirenal space; pararenal space; Gerota fascia; psoas compartment; rectus sheath; umbilicus
abdomen: abdomen: -: lesser curvature; greater curvature; fundus; pylorus; cardia; remnant stomach; rectus muscle
abdomen: abdomen: -: caudate lobe; hepatic segment; crus; diaphragmatic crus; cisterna chyli; small bowel mesentery
bowel: abdomen: -: ileocecal valve; hepatic flexure; splenic flexure; jejunal loop; ileal loop; caecal pole
bowel: abdomen: -: duodenojejunal flexure; anal canal; esophagogastric junction; gastroesophageal junction
pelvis: pelvis: -: endometrium; myometrium; junctional zone; endometrial cavity; fallopian tube; ovarian fossa; testis
pelvis: pelvis: -: peripheral zone; transition zone; penis; scrotum
pelvis: pelvis: -: urethra; pouch of Douglas; cul de sac; spermatic cord
pelvis: pelvis: -: mesorectal fascia; mesorectum; levator ani
pelvis: pelvis: -: obturator internus; piriformis; anal sphincter; bladder wall
pelvis: pelvis: -: parametrium; uterine cervix; vesicouterine pouch
pelvis: pelvis: -: broad ligament; round ligament; gestational sac; fetus
head: head: -: optic chiasm; pituitary stalk; pituitary gland; optic tract; suprasellar cistern; sella turcica; clivus
head: head: -: cistern; basal cistern; ambient cistern; quadrigeminal cistern; subarachnoid space; ventricular system
head: head: -: cisterna magna; prepontine cistern; cerebellopontine angle
head: head: -: foramen magnum; tentorium; falx; falx cerebri
head: head: -: cerebellar tonsil; cerebellar hemisphere; cerebellar peduncle
head: head: -: cerebral peduncle; caudate nucleus; putamen
head: head: -: globus pallidus; lentiform nucleus; corona radiata; centrum semiovale
head: head: -: splenium; genu; pineal gland; vermis
head: head: -: cerebral cortex; gray matter; sulcus; gyrus
head: head: -: sylvian fissure; temporal horn; frontal horn; choroid plexus
head: head: -: trigeminal nerve; facial nerve; oculomotor nerve
head: head: -: abducens nerve; vestibulocochlear nerve; cranial nerve
head: head: -: globe; lens; lacrimal gland; extraocular muscle
head: head: -: medial rectus; lateral rectus; inferior rectus; optic canal
head: head: -: orbital apex; superior rectus; orbital fissure; pterygopalatine fossa; infratemporal fossa; zygoma
head: head: -: middle ear; mastoid; ossicular chain; ossicle; scutum
head: head: -: cochlea; vestibule; semicircular canal; malleus; incus
head: head: -: external auditory canal; jugular foramen; petrous apex; round window; oval window; stapes; otic capsule
head: head: -: ethmoid sinus; paranasal sinus; turbinate
head: head: -: middle turbinate; inferior turbinate; nasal septum; hard palate
head: head: -: temporomandibular joint; mandibular condyle; mandibular canal
head: head: -: tooth; molar; alveolar process; foramen ovale
head: head: -: amygdala; hypothalamus; mammillary body; subthalamic nucleus; dentate nucleus; red nucleus; fornix
neck: neck: -: epiglottis; vallecula; hyoid bone; hyoid
neck: neck: -: cricoid cartilage; thyroid cartilage; arytenoid cartilage; thyroid lobe
neck: neck: -: parathyroid gland; sternocleidomastoid muscle; carotid sheath
neck: neck: -: carotid space; masticator space; carotid bulb
neck: neck: -: base of tongue; floor of mouth; uvula
neck: neck: -: soft palate; piriform sinus; prevertebral muscle; brachial plexus
extremity: extremity: -: meniscus; medial meniscus
extremity: extremity: -: lateral meniscus; anterior cruciate ligament; posterior cruciate ligament
extremity: extremity: -: medial collateral ligament; lateral collateral ligament; cruciate ligament
extremity: extremity: -: patellar tendon; ACL; PCL
extremity: extremity: -: quadriceps tendon; Achilles tendon; biceps tendon; supraspinatus tendon; infraspinatus tendon
extremity: extremity: -: subscapularis tendon; biceps; triceps; deltoid
extremity: extremity: -: gastrocnemius; soleus; quadriceps; hamstring; labrum
extremity: extremity: -: glenoid; acromion; coracoid process
extremity: extremity: -: greater tuberosity; bursa; subacromial bursa; plantar fascia
extremity: extremity: -: femoral condyle; tibial plateau; medial femoral condyle; lateral femoral condyle; joint space
extremity: extremity: -: scaphoid; lunate; capitate; hamate
extremity: extremity: -: triquetrum; metatarsal; metatarsal head; phalanx; navicular
extremity: extremity: -: cuboid; cuneiform; tarsal tunnel; carpal tunnel
extremity: extremity: -: median nerve; ulnar nerve; radial nerve; sciatic nerve
extremity: extremity: -: tibial nerve; peroneal nerve; Hoffa fat pad
extremity: extremity: -: fat pad; retinaculum; flexor tendon; extensor tendon
bone: extremity: -: femoral neck; greater trochanter; lesser trochanter
bone: extremity: -: humeral head; radial head; olecranon; growth plate
bone: extremity: -: epiphysis; metaphysis; diaphysis; physis
bone: extremity: -: medial malleolus; lateral malleolus; iliac crest; ischium
bone: -: -: odontoid process; dens; atlas; axis vertebra; transverse foramen; coccyx; symphysis pubis; pubic symphysis
muscle: -: -: muscle belly; fascia; iliopsoas; gluteus maximus
muscle: -: -: gluteus medius; rectus femoris; vastus lateralis; erector spinae
device: -: -: pacemaker; pacemaker lead; needle; guidewire
device: -: -: foreign body; shunt; ventriculoperitoneal shunt; nasogastric tube; endotracheal tube
device: -: -: stent graft; graft; mesh; chest tube; balloon; pigtail catheter
device: -: -: central line; central venous catheter; venous catheter; tracheostomy tube; feeding tube; PICC line
device: -: -: cage; plate; rod; nail; implant; pessary; port
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
    neuroforaminal foraminal disc cord nerve root midline csf gallbladder kidney lymph artery vein breast rib
    tendon ligament meniscal labral joint wall skull facet endplate tumor mass white gray matter gallbladder
    compression stress avulsion burst insufficiency pathological pathologic organizing
    squamous cell papillary mucinous serous ductal stromal follicular
    hepatocellular neuroendocrine tuberculous tubercular pyogenic hydatid fungal amebic septic infectious
    myxoid pleomorphic cavernous desmoid carcinoid aneurysmal arachnoid epidermoid dermoid colloid
    portal azygos iliac femoral carotid tonsillar uncal subfalcine biliary limbic ischemic
    lacunar hemorrhagic leptomeningeal pachymeningeal meningeal ligamentous chondral osteochondral
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
    parenchym
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
