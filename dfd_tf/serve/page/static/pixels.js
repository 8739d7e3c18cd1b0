// Pictures as { width, height, data }: RGBA, a byte each, rows from the top; alpha is not used.

export function makePicture(width, height) {
  return { width, height, data: new Uint8ClampedArray(4 * width * height) };
}

// The pixels inside a square, or what of it lies in the picture.
export function cut(picture, { top, left, side }) {
  const width = Math.min(side, picture.width - left);
  const height = Math.min(side, picture.height - top);
  const made = makePicture(width, height);
  for (let y = 0; y < height; y += 1) {
    const from = 4 * ((top + y) * picture.width + left);
    made.data.set(picture.data.subarray(from, from + 4 * width), 4 * y * width);
  }
  return made;
}

export function paste(picture, onto, top, left) {
  for (let y = 0; y < picture.height; y += 1) {
    const row = picture.data.subarray(4 * y * picture.width, 4 * (y + 1) * picture.width);
    onto.data.set(row, 4 * ((top + y) * onto.width + left));
  }
}

// A quarter turn to the left.
export function turnLeft({ width, height, data }) {
  const made = makePicture(height, width);
  const [from, to] = [new Uint32Array(data.buffer, data.byteOffset), new Uint32Array(made.data.buffer)];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) to[(width - 1 - x) * height + y] = from[y * width + x];
  }
  return made;
}

// To the nearest whole number, halves to the even one, as Python and OpenCV round.
export function round(value) {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
