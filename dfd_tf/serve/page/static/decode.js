// From a file to upright sRGB pixels, as Python decodes it: the browser's own decoder, but none of
// its corrections where they would touch pixels that need none.

const HEAD = 4_000_000; // bytes in which a colour profile may begin
const PROFILE_MARKS = ["ICC_PROFILE", "iCCP", "ICCP", "cICP", "gAMA"];
const SAME_COLOUR = 4; // grey levels, as in dfd_tf/data/images/colour.py

export async function decode(file) {
  const plain = await bitmapOf(file, "none");
  const pixels = pixelsOf(plain);
  if (!(await namesColours(file))) return pixels;
  const shown = pixelsOf(await bitmapOf(file, "default"));
  return sameColours(pixels, shown) ? pixels : shown;
}

// A frame of the camera, or a bitmap of any other origin; it is used up.
export function pixelsOf(bitmap) {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  // With willReadFrequently the pixels stay in memory and are not rounded by a graphics card.
  const context = canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb" });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

function bitmapOf(file, colorSpaceConversion) {
  return createImageBitmap(file, { colorSpaceConversion, imageOrientation: "from-image" });
}

async function namesColours(file) {
  const head = await file.slice(0, HEAD).arrayBuffer();
  const text = new TextDecoder("latin1").decode(head);
  return PROFILE_MARKS.some((mark) => text.includes(mark));
}

// Profiles of sRGB differ in their digits: converting for that would round once more for nothing.
function sameColours(one, other) {
  return one.data.every((value, i) => Math.abs(value - other.data[i]) <= SAME_COLOUR);
}
