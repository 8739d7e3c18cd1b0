// Faces in photos by BlazeFace: where to look, what the network's answers mean, which turn of a
// photo is upright. The same steps and numbers as dfd_tf/faces/finder.py and turns.py.

import { cut, makePicture, paste, round, turnLeft } from "./pixels.js";
import { resizeArea, resizeLinear } from "./resize.js";

export class FaceFinder {
  // `run` gives the network's [boxes, scores] for its input; `rules` are the numbers of Python's.
  constructor(run, rules) {
    this.run = run;
    this.rules = rules;
  }

  // The photo turned upright, its faces, and the quarter turns to the left that it took.
  async look(photo) {
    const { sure, confident_turned: needed, ahead } = this.rules;
    const first = await this.lookTurned(photo, 0);
    if (confidence(first) >= sure) return first;
    let [best, turned] = [null, photo];
    for (let turns = 1; turns < 4; turns += 1) {
      turned = turnLeft(turned);
      const seen = await this.lookTurned(turned, turns);
      if (!best || confidence(seen) > confidence(best)) best = seen;
    }
    return confidence(best) >= Math.max(needed, confidence(first) + ahead) ? best : first;
  }

  async lookTurned(picture, turns) {
    return { picture, faces: await this.find(picture), turns };
  }

  // The largest first.
  async find(picture) {
    const found = [];
    for (const look of looks(picture, this.rules.tiled_from)) {
      found.push(...(await this.inWindow(picture, look)));
    }
    const kept = distinct(found, this.rules.same_face_overlap);
    return kept.sort((a, b) => b.width * b.height - a.width * a.height);
  }

  async inWindow(picture, { window, share }) {
    const piece = cut(picture, window);
    const { square, scale, left, top } = letterbox(piece, share, this.rules.input);
    const faces = facesIn(await this.run(networkInput(square)), this.rules);
    return faces
      .map((face) => moved(face, left, top, scale))
      .filter((face) => isWhole(face, piece, window, picture))
      .map((face) => ({ ...face, left: face.left + window.left, top: face.top + window.top }));
  }
}

const confidence = ({ faces }) => Math.max(0, ...faces.map((face) => face.confidence));

// A face of the turned photo, where it is in the photo as it was.
export function asStored(face, { picture, turns }) {
  let { width, height } = picture;
  let placed = face;
  for (let i = 0; i < turns; i += 1) {
    const { left, top } = placed;
    placed = { left: height - top - placed.height, top: left, width: placed.height, height: placed.width };
    [width, height] = [height, width];
  }
  return placed;
}

function looks({ width, height }, tiledFrom) {
  const side = Math.max(width, height);
  const whole = { top: 0, left: 0, side };
  const all = [{ window: whole, share: 0.5 }, { window: whole, share: 1 }];
  if (side < tiledFrom) return all;
  const half = Math.floor(side / 2);
  for (const top of starts(height, half)) {
    for (const left of starts(width, half)) all.push({ window: { top, left, side: half }, share: 1 });
  }
  return all;
}

function starts(length, side) {
  const last = Math.max(0, length - side);
  const steps = Math.ceil(last / Math.floor(side / 2));
  return Array.from({ length: steps + 1 }, (_, i) => round((last * i) / Math.max(1, steps)));
}

function letterbox(piece, share, input) {
  const scale = (share * input) / Math.max(piece.width, piece.height);
  const [width, height] = [piece.width, piece.height].map((side) => Math.max(1, round(side * scale)));
  const [left, top] = [width, height].map((side) => Math.floor((input - side) / 2));
  const inner = (scale < 1 ? resizeArea : resizeLinear)(piece, width, height);
  const square = makePicture(input, input);
  paste(inner, square, top, left);
  return { square, scale, left, top };
}

function networkInput({ data }) {
  const values = new Float32Array((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    for (let c = 0; c < 3; c += 1) values[to + c] = Math.fround(data[from + c] / 127.5) - 1;
  }
  return values;
}

// What the network is sure of, in pixels of its input.
function facesIn([boxes, scores], { input, grid, confident }) {
  const faces = [];
  const stride = boxes.length / scores.length;
  scores.forEach((logit, cell) => {
    const sure = 1 / (1 + Math.exp(-logit));
    if (sure < confident) return;
    const [x, y, width, height] = boxes.subarray(stride * cell, stride * cell + 4);
    const centre = (place) => (place + 0.5) * (input / grid);
    const left = x + centre(cell % grid) - width / 2;
    const top = y + centre(Math.floor(cell / grid)) - height / 2;
    faces.push({ left, top, width, height, confidence: sure });
  });
  return faces;
}

function moved(face, left, top, scale) {
  const [x, y] = [(face.left - left) / scale, (face.top - top) / scale];
  return { ...face, left: x, top: y, width: face.width / scale, height: face.height / scale };
}

// Not cut by an edge of a tile that is no edge of the photo.
function isWhole({ left, top, width, height }, piece, window, picture) {
  const right = left + width > piece.width && window.left + piece.width < picture.width;
  const bottom = top + height > piece.height && window.top + piece.height < picture.height;
  return !((left < 0 && window.left > 0) || (top < 0 && window.top > 0) || right || bottom);
}

// Of boxes that overlap, the surest.
function distinct(faces, most) {
  const kept = [];
  const surest = [...faces].sort((a, b) => Math.fround(b.confidence) - Math.fround(a.confidence));
  for (const face of surest) {
    if (kept.every((other) => overlap(face, other) <= most)) kept.push(face);
  }
  return kept;
}

function overlap(a, b) {
  const shared = (start, length) =>
    Math.min(a[start] + a[length], b[start] + b[length]) - Math.max(a[start], b[start]);
  const inner = Math.max(0, shared("left", "width")) * Math.max(0, shared("top", "height"));
  return inner / (a.width * a.height + b.width * b.height - inner);
}
