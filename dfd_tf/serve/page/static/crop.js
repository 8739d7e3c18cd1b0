// From a photo to the squares that the network sees: dfd_tf/faces/framing.py and
// dfd_tf/data/preprocess.py again.

import { cut, round } from "./pixels.js";
import { resizeArea, resizeCubic } from "./resize.js";

const side = (face) => Math.max(face.width, face.height);
const clip = (value, low, high) => Math.min(Math.max(value, low), high);

// Whether a photo as a whole is framed as the training's, around one main face.
export function isFramed({ widest, rival }, { width, height }, faces) {
  const alone = faces.length === 1 || side(faces[1]) < rival * side(faces[0]);
  return alone && Math.min(width, height) <= widest * side(faces[0]);
}

// The square around a face, inside the photo.
export function faceWindow(framing, { width, height }, face) {
  const wanted = Math.max(1, Math.min(round(framing.side * side(face)), height, width));
  const x = face.left + face.width / 2;
  const y = face.top + face.height / 2 - framing.lift * side(face);
  const top = clip(round(y - wanted / 2), 0, height - wanted);
  const left = clip(round(x - wanted / 2), 0, width - wanted);
  return { top, left, side: wanted };
}

export function viewsOf(rules, picture) {
  const fitted = resizeTo(picture, ...fittedSize(rules, picture));
  const square = (window) => resizeTo(cut(fitted, window), rules.size, rules.size);
  return windows(rules, fitted).map(square);
}

function fittedSize({ policy, native_side: native, own_scale: own, size }, { width, height }) {
  const short = Math.min(width, height);
  const keeps = own * native <= short && short < native;
  const target = policy === "crop" ? Math.max(keeps ? short : native, size) : short;
  const scale = target / short;
  return [width, height].map((length) => Math.max(target, round(length * scale)));
}

function windows({ policy, size, views, grid, side_view: share }, { width, height }) {
  const short = Math.min(width, height);
  const crops = policy === "crop";
  const at = (top, left, length) => {
    const aligned = (offset) => (crops ? Math.floor(offset / grid) * grid : offset);
    return { top: aligned(top), left: aligned(left), side: length };
  };
  const middle = (length) => [height, width].map((whole) => Math.floor((whole - length) / 2));
  const all = [at(...middle(crops ? size : short), crops ? size : short)];
  if (views === 1) return all;
  const length = crops ? size : round(share * short);
  const reach = Math.floor((short - length) / 2);
  const [top, left] = middle(length);
  const corners = [[-1, -1], [-1, 1], [1, -1], [1, 1]];
  const edges = [[-1, 0], [1, 0], [0, -1], [0, 1]];
  const steps = views === 9 ? [...corners, ...edges] : corners;
  return [...all, ...steps.map(([y, x]) => at(top + y * reach, left + x * reach, length))];
}

function resizeTo(picture, width, height) {
  if (picture.width === width && picture.height === height) return picture;
  return (height < picture.height ? resizeArea : resizeCubic)(picture, width, height);
}
