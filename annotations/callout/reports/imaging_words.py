"""The words with which captions tell how a picture was made."""

from __future__ import annotations

from callout.terms.words import word_set

# what a phrase tells: (field, value); several fields are parted by "|".
PHRASES = {
    "modality=CT": "CT; computed tomography; computed tomogram; computed tomographic; CAT scan; CT scan; MDCT;"
    " tomodensitometry; computed axial tomography; computerized tomography; CBCT",
    "modality=MR": "MRI; MR; magnetic resonance; magnetic resonance imaging; NMR; MR image; MRI scan",
    "modality=CT|sequence=HRCT": "HRCT; high resolution CT; high resolution computed tomography",
    "modality=CT|sequence=angiography|contrast=post-contrast": "CTA; CT angiography; CT angiogram; CTPA;"
    " CT pulmonary angiogram; CT pulmonary angiography; CT pulmonary arteriography; CT arteriography;"
    " computed tomography pulmonary angiogram; computed tomography angiography; CT venography;"
    " computed tomography angiogram; computed tomography pulmonary angiography",
    "modality=MR|sequence=angiography": "MRA; MR angiography; MR angiogram; MRV; MR venography; MR venogram;"
    " magnetic resonance angiography; magnetic resonance venography",
    "modality=CT|sequence=CT urography": "CT urogram; CT urography; CTU",
    "modality=MR|sequence=MR urography": "MR urogram; MR urography; MRU",
    "modality=PET": "PET; positron emission tomography; FDG PET",
    "modality=US": "ultrasound; ultrasonography; sonography; sonogram; ultrasonogram; echocardiography; doppler",
    "modality=XR": "radiograph; x ray; plain film; chest x ray; roentgenogram; plain radiograph",
    "modality=histology": "histology; histopathology; photomicrograph; hematoxylin; micrograph; histological;"
    " histologic; immunohistochemistry; osteoid matrix; with osteoid; stain; magnification",
    "sequence=T1": "T1W; T1WI; T1 weighted; T1w; T1 WI; T1 W; T1 weighting",
    "sequence=T2": "T2W; T2WI; T2 weighted; T2w; T2 WI; T2 W; T2 weighting",
    "sequence=T2*": "T2 star; gradient echo T2",
    "sequence=STIR": "STIR; short tau inversion recovery; short TI inversion recovery; TIRM",
    "sequence=FLAIR": "FLAIR; fluid attenuated inversion recovery",
    "sequence=DWI": "DWI; diffusion weighted; diffusion weighted imaging",
    "sequence=ADC": "ADC; apparent diffusion coefficient; ADC map",
    "sequence=SWI": "SWI; susceptibility weighted", "sequence=PD": "PD; proton density; PDW; PD weighted",
    "sequence=MRCP": "MRCP", "sequence=GRE": "GRE; gradient echo", "sequence=FIESTA": "FIESTA; CISS",
    "sequence=scout": "scout; localizer; localiser; topogram; scanogram; scout view",
    "plane=axial": "axial; transverse; transaxial; axially", "plane=coronal": "coronal; coronally",
    "plane=sagittal": "sagittal; parasagittal; midsagittal; sagittally",
    "contrast=post-contrast": "post contrast; postcontrast; contrast enhanced; with contrast; with IV contrast;"
    " with intravenous contrast; after contrast; after gadolinium; post gadolinium; gadolinium enhanced; CE;"
    " gd enhanced; after contrast administration; following contrast; after IV contrast;"
    " after intravenous contrast; contrast administration; after administration of contrast; gadolinium;"
    " with gadolinium; after I V contrast; contrast material enhanced; arterial phase; venous phase; delayed phase;"
    " with contrast medium; post contrast enhanced; after contrast injection; enhanced T1",
    "contrast=pre-contrast": "pre contrast; precontrast; before contrast; pre gadolinium; pre enhancement",
    "contrast=non-contrast": "non contrast; noncontrast; unenhanced; without contrast; non enhanced; nonenhanced;"
    " non contrast enhanced; without IV contrast; without intravenous contrast;"
    " no contrast; noncontrasted; non contrasted",
    "modality=CT|contrast=non-contrast": "plain CT; plain CT scan; plain computed tomography",
    "modality=CT|contrast=post-contrast": "enhanced CT; contrast CT; enhanced computed tomography",
    "modality=MR|contrast=post-contrast": "enhanced MRI; enhanced MR; enhanced magnetic resonance imaging",
    "modality=CT|contrast=post-contrast ": "CECT",
    "modality=CT|contrast=non-contrast ": "NECT; NCCT",
    "contrast=portal venous": "portal venous phase; portal venous; portovenous phase; portal phase",
    "fat=yes": "fat suppressed; fat saturated; fat suppression; fat saturation; fat sat; FS; fatsat; fat sup",
    "filler": "image; imaging; scan; view; section; slice; reconstruction; reformation; reformat; reformatted; picture;"
    " weighted; sequence; phase; spin echo; SE; TSE; FSE; turbo spin echo; contiguous; reformation image; window;"
    " soft tissue window; lung window; bone window; mediastinal window; plane; cut; spoiled; VIBE; 3D; MPR; MIP",
}  # fmt: skip

MR_SEQUENCES = word_set(
    """
    T1 T2 T2* STIR FLAIR DWI ADC SWI PD MRCP GRE FIESTA
    """
)
