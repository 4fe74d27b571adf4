"""The report of the spine case: text as it comes out of a PDF poster, about an invented patient."""

from __future__ import annotations

_TEXT = """\
 Fig 1.  Scout coronal and sagittal images demonstrate
a bulky prevertebral and left paravertebral soft tissue
mass; the neighbouring vertebrae are involved

Fig 3. STIR and post contrast STIR coronal images:
the soft tissue mass presses on the left ureter and has
led to left sided hydroureteronephrosis above it

Fig 2. Pre- and post-contrast T1W coronal images:
the soft tissue mass enhances heterogeneously at its
rim and infiltrates the left psoas muscle

Fig 4. T2W and STIR sagittal images: prevertebral
soft tissue mass in front of L1 and L2, with altered
signal intensity of the body of L1, L2, L3 and of the
posterior elements of L3

Fig 5. Post-contrast T1W and STIR axial images:
heterogeneous soft tissue mass growing into the left
neural foramina at L2-L3 and L3-L4, with compression
of the exiting nerve roots there. The mass also
reaches into the spinal canal.
 A 64-year-old man, invented for this sample, was sent
for MRI of the lumbosacral spine after four months
of low back pain spreading into the left thigh. The
study shows a heterogeneous soft tissue mass that
measures 12.1 × 11.5 cm (craniocaudal × transverse)
on one coronal slice. It lies in front of the L1–L2
vertebrae and in the left paravertebral region, where
it reaches down to L4 and infiltrates the left psoas
muscle; the right psoas muscle is normal. Through the
left neural foramina of L2–L3 and L3–L4, whose fat is
lost, it displaces and compresses the exiting nerve
roots, and it enters the spinal canal with indentation
of the thecal sac at the level of L3. The bodies of L1,
L2 and L3 and the posterior elements of L3 are dark on
T1W and bright on STIR images; L4 and L5 keep their
normal signal. After intravenous contrast the rim and
some septa of the mass enhance, the core does not.
Calyces, pelvis and upper ureter of the left kidney are
moderately dilated down to the mass; the right kidney
is normal. Aorta and inferior vena cava are lifted
forwards and stay open. Soft tissue sarcoma was thought
most likely; psoas abscess and metastasis were
considered as well.

This text belongs to a synthetic study made by a
program. There is no patient behind it, and nothing in
it is medical advice. It has the shape of a poster on
purpose: lines are broken by the narrow column, the
captions come before the text and not in the order of
their numbers, and the size of the mass stands in the
text alone.
"""


def _as_extracted(text: str) -> str:
    """Return the text as PDF tools leave it: a space stays at the end of each line that was broken."""
    lines = text.split("\n")
    broken = [
        bool(line and following.strip() == following != "")
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
    ]
    return "\n".join(line + " " * more for line, more in zip(lines, broken, strict=True))


REPORT = _as_extracted(_TEXT)
