// A photo made small enough for a poor connection, before it is sent. Where it was taken stays in it: the server says
// how far that is from the place, and throws it away.

const SIDE = 2048;
const QUALITY = 0.85;
const SMALL = 1_000_000;
const TYPES = ["image/jpeg", "image/png", "image/webp"];
const EXIF_WITHIN = 128 * 1024;
const [START, APP1, SCAN, ORIENTATION] = [0xffd8, 0xffe1, 0xffda, 0x0112];

/**
 * @param {File} file
 * @returns {Promise<Blob>} the file itself where it is small, or no picture this browser can read
 */
export async function shrunken(file) {
  if (file.size <= SMALL && TYPES.includes(file.type)) return file;
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return file;
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const context = canvas.getContext("2d");
  if (!context) return file;
  [context.fillStyle, context.imageSmoothingQuality] = ["#fff", "high"];
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const jpeg = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  if (!(jpeg instanceof Blob)) return file;
  const exif = exifOf(await file.slice(0, EXIF_WITHIN).arrayBuffer());
  return exif ? new Blob([jpeg.slice(0, 2), exif, jpeg.slice(2)], { type: "image/jpeg" }) : jpeg;
}

/**
 * The Exif of a JPEG, as its segment, without the direction in which it was held: that is in the pixels by now.
 * @param {ArrayBuffer} buffer how the file begins
 * @returns {Uint8Array<ArrayBuffer> | null}
 */
export function exifOf(buffer) {
  const view = new DataView(buffer);
  try {
    if (view.getUint16(0) !== START) return null;
    for (let at = 2; view.getUint16(at) !== SCAN; at += 2 + view.getUint16(at + 2)) {
      if (view.getUint16(at) === APP1 && view.getUint32(at + 4) === 0x45786966) return upright(buffer, at, view.getUint16(at + 2));
    }
  } catch {
    // it ends before that, or is broken
  }
  return null;
}

/**
 * @param {ArrayBuffer} buffer
 * @param {number} at where the segment begins
 * @param {number} length as it says
 */
function upright(buffer, at, length) {
  const segment = new Uint8Array(buffer.slice(at, at + 2 + length));
  const tiff = new DataView(segment.buffer, 10);
  const little = tiff.getUint16(0) === 0x4949;
  const first = tiff.getUint32(4, little);
  for (let entry = 0; entry < tiff.getUint16(first, little); entry += 1) {
    const field = first + 2 + 12 * entry;
    if (tiff.getUint16(field, little) === ORIENTATION) tiff.setUint16(field + 8, 1, little);
  }
  return segment;
}
