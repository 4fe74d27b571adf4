// A DICOM segmentation as OHIF loads it: node cornerstone.mjs FILE IMAGES.json prints, for each segment, its pixels.
// IMAGES.json lists the series' images, slice by slice: {id, uid, series, frame_of_reference, rows, columns, position,
// orientation, spacing}. What is printed: {"segments": {NUMBER: {"label", "slices": {K: [pixel, …]}}}}; pixel counts
// along rows.
import { readFileSync, writeSync } from 'node:fs';
import { metaData } from '@cornerstonejs/core';
import { adaptersSEG } from '@cornerstonejs/adapters';

const [file, listing] = process.argv.slice(2);
const images = new Map(JSON.parse(readFileSync(listing, 'utf8')).map((image) => [image.id, image]));
console.log = console.warn = console.info = console.debug = () => {}; // its log is not the answer

function modules(image) {
  const rowCosines = image.orientation.slice(0, 3);
  const columnCosines = image.orientation.slice(3);
  return {
    imagePlaneModule: {
      rows: image.rows,
      columns: image.columns,
      rowCosines,
      columnCosines,
      imageOrientationPatient: image.orientation,
      imagePositionPatient: image.position,
      pixelSpacing: image.spacing,
      rowPixelSpacing: image.spacing[0],
      columnPixelSpacing: image.spacing[1],
      frameOfReferenceUID: image.frame_of_reference,
    },
    generalSeriesModule: { seriesInstanceUID: image.series, modality: image.modality },
    generalImageModule: { sopInstanceUID: image.uid },
    imagePixelModule: { rows: image.rows, columns: image.columns, samplesPerPixel: 1 },
    instance: {
      SOPInstanceUID: image.uid,
      SeriesInstanceUID: image.series,
      FrameOfReferenceUID: image.frame_of_reference,
      Rows: image.rows,
      Columns: image.columns,
      ImagePositionPatient: image.position,
      ImageOrientationPatient: image.orientation,
      PixelSpacing: image.spacing,
      NumberOfFrames: image.frames,
    },
  };
}

const known = new Map([...images].map(([id, image]) => [id, modules(image)]));
metaData.addProvider((type, id) => known.get(id)?.[type], 10000);

const bytes = readFileSync(file);
const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const ids = [...images.keys()];
const loaded = await adaptersSEG.Cornerstone3D.Segmentation.createFromDICOMSegBuffer(ids, buffer, {
  metadataProvider: { get: metaData.get, addCustomMetadata: (id, type, value) => known.set(id, { [type]: value }) },
});

const segments = {};
for (const segment of loaded.segMetadata.data) {
  if (segment?.SegmentNumber > 0) segments[segment.SegmentNumber] = { label: segment.SegmentLabel, slices: {} };
}
for (const layer of loaded.labelMapImages) {
  layer.forEach((image, k) => {
    const values = image.voxelManager.getScalarData();
    values.forEach((value, pixel) => {
      if (!value) return;
      segments[value] ??= { label: '', slices: {} };
      (segments[value].slices[k] ??= []).push(pixel);
    });
  });
}
const answer = Buffer.from(JSON.stringify({ segments }));
for (let at = 0; at < answer.length; at += 65536) writeSync(1, answer.subarray(at, at + 65536));
process.exit(0);
