// OpenCV's resizing to the last bit: the filter is a trace that detectors see, so a browser's own
// will not do. Area averages shrink, cubic or linear interpolation enlarges.

import { makePicture, round } from "./pixels.js";

const { fround } = Math;
const ONE = 2048; // of the fixed-point weights of interpolation

export function resizeArea(picture, width, height) {
  const [scaleX, scaleY] = scales(picture, width, height);
  const whole = Number.isInteger(scaleX) && Number.isInteger(scaleY);
  if (whole) return averageWhole(picture, width, height, scaleX, scaleY);
  return averageParts(picture, areaCells(picture.width, width, scaleX), areaCells(picture.height, height, scaleY));
}

function scales(picture, width, height) {
  return [1 / (width / picture.width), 1 / (height / picture.height)];
}

function averageWhole(picture, width, height, scaleX, scaleY) {
  const made = makePicture(width, height);
  const average = averageOf(scaleX * scaleY, scaleX === 2 && scaleY === 2);
  const stride = 4 * picture.width;
  for (let y = 0, to = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, to += 4) {
      const from = y * scaleY * stride + 4 * x * scaleX;
      for (let c = 0; c < 3; c += 1) {
        made.data[to + c] = average(sumOf(picture.data, from + c, scaleX, scaleY, stride));
      }
    }
  }
  return made;
}

function sumOf(data, from, columns, rows, stride) {
  let sum = 0;
  for (let y = 0; y < rows; y += 1) {
    for (let x = 0; x < columns; x += 1) sum += data[from + y * stride + 4 * x];
  }
  return sum;
}

// OpenCV rounds the halves of 2 x 2 pixels up and all others to the even number.
function averageOf(area, isFour) {
  if (isFour) return (sum) => (sum + 2) >> 2;
  const share = fround(1 / area);
  return (sum) => round(fround(sum * share));
}

// Which pixels of a line make each of the new ones, and with which weights.
function areaCells(length, wanted, scale) {
  const to = [];
  const from = [];
  const weights = [];
  const add = (cell, place, weight) => {
    to.push(cell);
    from.push(place);
    weights.push(weight);
  };
  for (let cell = 0; cell < wanted; cell += 1) {
    const begin = cell * scale;
    const end = begin + scale;
    const size = Math.min(scale, length - begin);
    const last = Math.min(Math.floor(end), length - 1);
    const first = Math.min(Math.ceil(begin), last);
    if (first - begin > 1e-3) add(cell, first - 1, (first - begin) / size);
    for (let place = first; place < last; place += 1) add(cell, place, 1 / size);
    if (end - last > 1e-3) add(cell, last, Math.min(Math.min(end - last, 1), size) / size);
  }
  return { n: wanted, to: Int32Array.from(to), from: Int32Array.from(from), weights: Float32Array.from(weights) };
}

function averageParts(picture, columns, rows) {
  const made = makePicture(columns.n, rows.n);
  const line = new Float32Array(4 * columns.n);
  const sum = new Float32Array(4 * columns.n);
  rows.to.forEach((row, i) => {
    averageLine(picture, rows.from[i], columns, line);
    const weight = rows.weights[i];
    if (row !== rows.to[i - 1]) sum.fill(0);
    for (let k = 0; k < sum.length; k += 1) sum[k] = fround(sum[k] + fround(weight * line[k]));
    if (row !== rows.to[i + 1]) {
      const start = row * sum.length;
      for (let k = 0; k < sum.length; k += 1) made.data[start + k] = sum[k]; // rounds as OpenCV does
    }
  });
  return made;
}

function averageLine({ data, width }, y, { to, from, weights }, line) {
  line.fill(0);
  const start = 4 * y * width;
  for (let i = 0; i < to.length; i += 1) {
    const [target, source, weight] = [4 * to[i], start + 4 * from[i], weights[i]];
    line[target] = fround(line[target] + fround(data[source] * weight));
    line[target + 1] = fround(line[target + 1] + fround(data[source + 1] * weight));
    line[target + 2] = fround(line[target + 2] + fround(data[source + 2] * weight));
  }
}

// Linear in whole numbers, cubic in fractions, as OpenCV does on the processors that most people have.
export function resizeLinear(picture, width, height) {
  const fixed = (weight) => round(fround(weight * ONE));
  const kernel = (x) => [fixed(fround(1 - x)), fixed(x)];
  const mix = ([a, b], [first, second]) =>
    (((first * (a >> 4)) >> 16) + ((second * (b >> 4)) >> 16) + 2) >> 2;
  return interpolate(picture, width, height, { kernel, mix, precision: fround, stops: true });
}

export function resizeCubic(picture, width, height) {
  const mix = (values, weights) =>
    values.reduceRight((sum, value, k) => fround(sum + fround(value * weights[k])), 0);
  return interpolate(picture, width, height, { kernel: cubicKernel, mix, precision: Number });
}

// Single precision all the way: at halves its roundings decide.
function cubicKernel(place) {
  const a = -0.75;
  const x = fround(place);
  const polynomial = (d, ...factors) => factors.reduce((sum, c) => fround(fround(sum * d) + c));
  const near = (d) => polynomial(d, a + 2, -(a + 3), 0, 1);
  const far = (d) => polynomial(d, a, -5 * a, 8 * a, -4 * a);
  const [first, second, third] = [far(fround(x + 1)), near(x), near(fround(1 - x))];
  return [first, second, third, fround(fround(fround(1 - first) - second) - third)];
}

// Along the lines, then across them.
function interpolate(picture, width, height, way) {
  const [scaleX, scaleY] = scales(picture, width, height);
  const columns = taps(picture.width, width, scaleX, way);
  const rows = taps(picture.height, height, scaleY, { ...way, stops: false });
  const lines = Array.from({ length: picture.height }, (_, y) => mixLine(picture, y, columns));
  const made = makePicture(width, height);
  rows.forEach(({ places, weights }, y) => {
    const chosen = places.map((place) => lines[place]);
    for (let k = 0; k < 4 * width; k += 1) {
      made.data[4 * y * width + k] = way.mix(chosen.map((line) => line[k]), weights);
    }
  });
  return made;
}

// For each new pixel of a line, the old ones around it and their weights.
function taps(length, wanted, scale, { kernel, precision, stops }) {
  const inside = (place) => Math.min(Math.max(place, 0), length - 1);
  return Array.from({ length: wanted }, (_, i) => {
    const at = precision((i + 0.5) * scale - 0.5);
    let first = Math.floor(at);
    let rest = precision(at - first);
    if (stops && (first < 0 || first >= length - 1)) [first, rest] = [inside(first), 0];
    const weights = kernel(rest);
    const before = weights.length / 2 - 1;
    return { places: weights.map((_, k) => inside(first - before + k)), weights };
  });
}

function mixLine({ data, width }, y, columns) {
  const line = new Float32Array(4 * columns.length);
  columns.forEach(({ places, weights }, x) => {
    for (let k = places.length - 1; k >= 0; k -= 1) {
      const from = 4 * (y * width + places[k]);
      for (let c = 0; c < 3; c += 1) {
        line[4 * x + c] = fround(line[4 * x + c] + fround(data[from + c] * weights[k]));
      }
    }
  });
  return line;
}
