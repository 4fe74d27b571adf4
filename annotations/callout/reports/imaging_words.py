"""The words with which captions tell how a picture was made."""

from __future__ import annotations

from callout.terms.words import word_set

# what a phrase tells: (field, value); several fields are parted by "|".
PHRASES = {
    "modality=CT": "CT; computed tomography; computed tomogram; computed tomographic; CAT scan; CT scan; MDCT;"
    " tomodensitometry; computed axial tomography; computerized tomography; CBCT; computer tomography;"
    " computer tomographic; computerised tomography; computed tomographic scan; MSCT;"
    " multislice computed tomography; cone beam CT; CAT; multidetector computed tomography; CT image; CT section;"
    " NCCT scan; CT scanogram",
    "modality=MR": "MRI; MR; magnetic resonance; magnetic resonance imaging; NMR; MR image; MRI scan; CMR;"
    " cardiac magnetic resonance; magnetic resonance image; magnetic resonance scan; fMRI; MRM;"
    " MR arthrography; MR arthrogram; cine MR",
    "modality=CT|sequence=HRCT": "HRCT; high resolution CT; high resolution computed tomography;"
    " high resolution chest CT; high resolution chest computed tomography; high resolution thoracic CT",
    "modality=CT|sequence=angiography|contrast=post-contrast": "CTA; CT angiography;"
    " computed tomographic angiography; computed tomographic angiogram; CT angio; angio CT;"
    " computed tomography pulmonary angiographic; computed tomography CT angiogram;"
    " computed tomography CT angiography; computed tomography CT pulmonary angiogram;"
    " computed tomographic pulmonary angiography; CT pulmonary angiographic; CT coronary angiography;"
    " coronary CT angiography; coronary CTA; CCTA; CTPA scan; computed tomographic venography;"
    " computed tomography venography; CT venogram; CTV; computed tomographic pulmonary angiogram; CT angiographic;"
    " CT angiogram; CTPA; CT pulmonary angiogram; CT pulmonary angiography; CT pulmonary arteriography;"
    " CT arteriography; computed tomography pulmonary angiogram; computed tomography angiography; CT venography;"
    " computed tomography angiogram; computed tomography pulmonary angiography",
    "modality=MR|sequence=angiography": "MRA; TOF; time of flight; MRI angiography; MRI angiogram;"
    " MR angiography; MR angiogram; MRV; MR venography; MR venogram;"
    " magnetic resonance angiography; magnetic resonance venography",
    "modality=CT|sequence=CT urography": "CT urogram; CT urography; CTU",
    "modality=MR|sequence=MR urography": "MR urogram; MR urography; MRU",
    "modality=PET": "PET; positron emission tomography; FDG PET",
    "modality=US": "ultrasound; ultrasonography; sonography; sonogram; ultrasonogram; echocardiography; doppler",
    "modality=XR": "radiograph; x ray; plain film; AP film; film; chest x ray; roentgenogram; plain radiograph",
    "modality=histology": "histology; histopathology; photomicrograph; hematoxylin; micrograph; histological;"
    " histologic; immunohistochemistry; osteoid matrix; with osteoid; stain; magnification",
    "sequence=T1": "T1W; T1WI; T1 weighted; T1w; T1 WI; T1 W; T1 weighting",
    "sequence=T2": "T2W; T2WI; T2 weighted; T2w; T2 WI; T2 W; T2 weighting",
    "sequence=T2*": "T2 star; gradient echo T2",
    "sequence=STIR": "STIR; short tau inversion recovery; short tau inversion;"
    " short inversion time inversion recovery; short TI inversion recovery; TIRM",
    "sequence=FLAIR": "FLAIR; fluid attenuated inversion recovery",
    "sequence=DWI": "DWI; diffusion weighted; diffusion weighted imaging; diffusion image; diffusion MRI;"
    " diffusion sequence; diffusion imaging",
    "sequence=ADC": "ADC; apparent diffusion coefficient; ADC map",
    "sequence=SWI": "SWI; susceptibility weighted",
    "sequence=PD": "PD; proton density; PDW; PD weighted",
    "sequence=MRCP": "MRCP; magnetic resonance cholangiopancreatography; MR cholangiopancreatography;"
    " MR cholangiography; magnetic resonance cholangiography; magnetic resonance cholangiopancreatogram",
    "sequence=GRE": "GRE; gradient echo",
    "sequence=FIESTA": "FIESTA; CISS",
    "sequence=scout": "scout; localizer; localiser; topogram; scanogram; scout view",
    "plane=axial": "axial; transverse; transaxial; axially; trans axial; transversal; ax",
    "plane=coronal": "coronal; coronally; paracoronal; cor",
    "plane=sagittal": "sagittal; parasagittal; midsagittal; sagittally; mid sagittal; sagital; saggital; sag",
    "contrast=post-contrast": "contrast medium enhanced; post contrast; postcontrast; contrast enhanced;"
    " with contrast; with IV contrast; with intravenous contrast; after contrast; CE;"
    " after contrast administration; following contrast; after IV contrast; after intravenous contrast;"
    " contrast administration; after administration of contrast; after I V contrast; contrast material enhanced;"
    " arterial phase; venous phase; delayed phase; with contrast medium; post contrast enhanced;"
    " after contrast injection; contrasted; contrast enhancing; after the administration of contrast;"
    " following intravenous contrast; IV contrast enhanced; after injection of contrast;"
    " post contrast administration; with oral and intravenous contrast; arterial phase CT;"
    " with contrast enhancement; with contrast injection; contrast injected; iv contrast; intravenous contrast;"
    " with oral and IV contrast; nephrographic phase; excretory phase; late phase; corticomedullary phase; CE MRI;"
    " venous phase CT; dynamic contrast enhanced; DCE; contrast scanning; enhanced scanning; contrast scan",
    "modality=MR|contrast=post-contrast  ": "after gadolinium; post gadolinium; gadolinium enhanced; gd enhanced;"
    " gadolinium; with gadolinium; after intravenous gadolinium; after gadolinium administration; post Gd; Gd;"
    " gadolinium DTPA; following gadolinium; postgadolinium; gadolinium contrast enhanced",
    "contrast=pre-contrast": "pre contrast; precontrast; before contrast; pre gadolinium; pre enhancement",
    "contrast=non-contrast": "non contrast; noncontrast; unenhanced; without contrast; non enhanced; nonenhanced;"
    " non contrast enhanced; without IV contrast; without intravenous contrast; no contrast; noncontrasted;"
    " non contrasted; uncontrasted; contrast free; without the use of contrast; without any contrast;"
    " without administration of contrast; without contrast medium; without contrast enhancement;"
    " without the administration of contrast; without gadolinium",
    "modality=MR|sequence=T1|contrast=post-contrast": "enhanced T1; enhanced T1 weighted; enhanced T1W; enhanced T1WI",
    "modality=CT|contrast=non-contrast": "plain CT; plain CT scan; plain computed tomography; native CT;"
    " native CT scan; native computed tomography; CT plain; computed tomography plain",
    "modality=CT|sequence=HRCT|contrast=non-contrast": "plain HRCT; native HRCT",
    "modality=CT|contrast=post-contrast": "enhanced CT; contrast CT; enhanced computed tomography; enhanced chest CT;"
    " enhanced abdominal CT; enhanced brain CT",
    "modality=MR|contrast=post-contrast": "enhanced MRI; enhanced MR; enhanced magnetic resonance imaging;"
    " enhanced brain MRI",
    "modality=CT|contrast=post-contrast ": "CECT",
    "modality=CT|contrast=non-contrast ": "NECT; NCCT",
    "contrast=portal venous": "portal venous phase; portal venous; portovenous phase; portal phase",
    "fat=yes": "fat suppressed; fat saturated; fat suppression; fat saturation; fat sat; FS; fatsat; fat sup",
    "filler": "image; imaging; scan; view; section; slice; reconstruction; reformation; reformat; reformatted;"
    " picture; weighted; sequence; phase; spin echo; SE; TSE; FSE; turbo spin echo; contiguous; reformation image;"
    " window; soft tissue window; lung window; bone window; mediastinal window; plane; cut; spoiled; VIBE; 3D; MPR;"
    " MIP",
}  # fmt: skip

MR_SEQUENCES = word_set(
    """
    T1 T2 T2* STIR FLAIR DWI ADC SWI PD MRCP GRE FIESTA
    """
)
