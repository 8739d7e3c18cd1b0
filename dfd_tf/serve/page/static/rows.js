// A row of a judgement for people: headline, score on its scale, meaning, reason; a box per face.

import { element, fromTemplate } from "./dom.js";

const VERDICTS = ["real", "fake", "inconclusive"];
export const decimals = (value) => value.toFixed(2);
export const kindOf = (verdict) => (VERDICTS.includes(verdict) ? verdict : "none");

export function rowsOf(rows, knowledge) {
  return rows.map((row, i) => rowOf(row, knowledge, rows.length > 1 ? `Face ${i + 1}: ` : ""));
}

// `inWords` tells a score.
export function rowOf(row, { model, headlines }, whose = "", inWords = scoreInWords) {
  const made = fromTemplate("row");
  const part = (name) => made.querySelector(`.${name}`);
  const [mark, headline] = headlines[row.verdict];
  made.classList.add(kindOf(row.verdict));
  part("mark").textContent = mark;
  part("word").textContent = `${whose}${headline}`;
  part("meaning").textContent = row.score === null ? "" : model.meaning[row.verdict];
  part("reason").textContent = row.reason && `${row.reason[0].toUpperCase()}${row.reason.slice(1)}.`;
  if (row.score === null) {
    part("scale").remove();
    part("score").remove();
  } else {
    drawScale(part("scale"), row.score, model);
    part("score").textContent = inWords(row.score, model);
  }
  return made;
}

export function drawScale(scale, score, { inconclusive_from: low, fake_from }) {
  const high = Math.min(1, fake_from);
  const [real, unsure, fake] = scale.querySelectorAll(".zone");
  real.style.width = `${100 * low}%`;
  unsure.style.width = `${100 * (high - low)}%`;
  fake.style.width = `${100 * (1 - high)}%`;
  scale.querySelector(".needle").style.left = `${100 * score}%`;
  const limits = `inconclusive from ${decimals(low)}, fake from ${decimals(high)}`;
  scale.setAttribute("aria-label", `Score ${decimals(score)} on a scale from 0 to 1: ${limits}`);
}

export function limitsInWords({ inconclusive_from, fake_from }) {
  const [low, high] = [inconclusive_from, fake_from].map(decimals);
  return `Below ${low} the verdict is real, from ${high} on fake, between them there is none.`;
}

function scoreInWords(score, model) {
  const limits = limitsInWords(model);
  if (!model.calibrated) return `Score ${decimals(score)}, which is no probability. ${limits}`;
  const of = Math.min(99, Math.max(1, Math.round(100 * score)));
  const share = score < 0.01 ? "fewer than 1" : score > 0.99 ? "more than 99" : `about ${of}`;
  const chance = `Where half of all photos are fake, ${share} in 100 with this score are.`;
  return `Score ${decimals(score)}. ${chance} ${limits}`;
}

// Over a picture whose own size in pixels is given.
export function drawBoxes(frame, rows, width, height) {
  frame.querySelectorAll(".box").forEach((box) => box.remove());
  rows.forEach(({ face, verdict }, i) => {
    if (!face) return;
    const box = element("div", "", `box ${kindOf(verdict)}`);
    const share = (length, whole) => `${(100 * length) / whole}%`;
    box.style.left = share(face.left, width);
    box.style.top = share(face.top, height);
    box.style.width = share(face.width, width);
    box.style.height = share(face.height, height);
    if (rows.length > 1) box.append(element("span", i + 1));
    frame.append(box);
  });
}
