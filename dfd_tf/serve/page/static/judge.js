// The road of a score on this device: decode, find faces, crop, score. What `Detector.judgements`
// does in Python, step by step.

import { faceWindow, isFramed, viewsOf } from "./crop.js";
import { decode, pixelsOf } from "./decode.js";
import { loadNetwork } from "./engine.js";
import { FaceFinder, asStored } from "./faces.js";
import { cut, round } from "./pixels.js";
import { fill, judged, scoreOf } from "./score.js";

const DECIMALS = 6; // of scores in all rows

export async function loadJudge(rules, networkFile, finderFile) {
  const network = await loadNetwork(networkFile);
  const find = finderFile && (await loadNetwork(finderFile));
  return new Judge(rules, network, find && new FaceFinder(find, rules.finder));
}

class Judge {
  constructor(rules, network, finder) {
    Object.assign(this, { rules, network, finder });
  }

  // The rows of a file, as `POST /v1/images` gives them.
  async file(file) {
    try {
      return await this.pixels(await decode(file));
    } catch (error) {
      if (error instanceof DOMException) return [row("error", this.rules.reasons.unreadable)];
      throw error;
    }
  }

  // The rows of a bitmap, which is used up.
  frame(bitmap) {
    return this.pixels(pixelsOf(bitmap));
  }

  async pixels(picture) {
    const small = this.tooSmall(picture);
    if (small) return [row("error", small)];
    const rows = [];
    for (const piece of await this.pieces(picture)) rows.push(await this.judge(piece));
    return rows.length ? rows : [row("no face", this.rules.reasons.no_face)];
  }

  async pieces(photo) {
    if (this.rules.faces === "whole") return [{ picture: photo, box: null }];
    const seen = await this.finder.look(photo);
    const { framing } = this.rules;
    if (!seen.faces.length) return [];
    if (this.rules.faces === "auto" && isFramed(framing, seen.picture, seen.faces)) {
      return [{ picture: seen.picture, box: null }];
    }
    return seen.faces.map((face) => ({
      picture: cut(seen.picture, faceWindow(framing, seen.picture, face)),
      box: boxOf(asStored(face, seen)),
    }));
  }

  async judge({ picture, box }) {
    const small = this.tooSmall(picture);
    if (small) return row("error", small, box);
    const views = viewsOf(this.rules.preprocessing, picture);
    const answers = [];
    for (const view of views) answers.push(answersOf(await this.network(inputOf(view))));
    const [logit, ...distances] = answers[0].map((_, i) => mean(answers.map((one) => one[i])));
    const score = scoreOf(logit, this.rules.calibration);
    const [verdict, reason] = judged(score, box, this.rules, distances);
    return row(verdict, reason, box, Number(score.toFixed(DECIMALS)));
  }

  tooSmall({ width, height }) {
    const { smallest_side: needed, reasons } = this.rules;
    return Math.min(width, height) < needed && fill(reasons.small_image, { width, height });
  }
}

function row(verdict, reason, face = null, score = null) {
  return { score, verdict, reason, face };
}

function boxOf({ left, top, width, height }) {
  return { left: round(left), top: round(top), width: round(width), height: round(height) };
}

// The logit, and after it the distances from what is known where the network measures them: of its
// outputs these are the longest, then come the logit and the score.
function answersOf(outputs) {
  const distances = outputs.length > 2 ? outputs[0] : [];
  return [outputs.at(-2)[0], ...distances];
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function inputOf({ data }) {
  return Float32Array.from({ length: (data.length / 4) * 3 }, (_, i) => data[i + Math.floor(i / 3)]);
}
