// A person's scores over the time of the video: thresholds, stretches that look forged, frames, the
// value that decides. Colours are the style sheet's.

import { $ } from "./dom.js";

const SVG = $("person").content.querySelector("svg").namespaceURI;
const MOST_DOTS = 600; // that can be told apart
const BREAK = 1.5; // seconds without the face, over which no line is drawn

// Fills a figure; returns what moves its line to a time in seconds. `seek` hears where it was clicked.
export function drawCourse(figure, { times, scores }, said, limits, seconds, seek) {
  const length = Math.max(1, seconds);
  const at = times.map((time, i) => [time / length, 1 - scores[i], time]).filter((_, i) => scores[i] !== null);
  const stretched = svg("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", width: "100%", height: "100%" });
  stretched.append(
    ...bandOf(limits),
    ...said.segments.map(({ start, end }) => box("forged", start / length, 0, (end - start) / length, 1)),
    ...withoutBreaks(at).map((part) => svg("polyline", { class: "between", points: part.map(([x, y]) => `${x},${y}`) })),
    ...decidingOf(said, length),
  );
  const now = svg("line", { class: "now", x1: 0, x2: 0, y1: "0%", y2: "100%" });
  figure.setAttribute("aria-label", inWords(said, limits));
  figure.append(stretched, ...dotsOf(at), now, ...axes(length));
  figure.addEventListener("click", (event) => {
    const { left, width } = figure.getBoundingClientRect();
    seek((length * (event.clientX - left)) / width);
  });
  return (time) => ["x1", "x2"].forEach((end) => now.setAttribute(end, percent(time / length)));
}

function bandOf({ inconclusive_from: low, fake_from: high }) {
  const line = (kind, score) => svg("line", { class: kind, x1: 0, x2: 1, y1: 1 - score, y2: 1 - score });
  return [box("band", 0, 1 - high, 1, high - low), line("real", low), line("fake", high)];
}

function decidingOf({ score, low, high, start, end, decided_by: part }, length) {
  if (score === null) return [];
  const [from, to] = (part.start === undefined ? [start, end] : [part.start, part.end]).map((t) => t / length);
  const line = { class: "decides", x1: from, x2: to, y1: 1 - score, y2: 1 - score };
  return [box("interval", from, 1 - high, to - from, high - low), svg("line", line)];
}

function dotsOf(at) {
  if (at.length > MOST_DOTS) return [];
  return at.map(([x, y]) => svg("circle", { cx: percent(x), cy: percent(y), r: 2.5 }));
}

function withoutBreaks(at) {
  const parts = [];
  at.forEach((point, i) => {
    if (!i || point[2] - at[i - 1][2] > BREAK) parts.push([]);
    parts.at(-1).push(point);
  });
  return parts;
}

function axes(length) {
  const text = (words, x, y, anchor) => {
    const made = svg("text", { x, y, "text-anchor": anchor });
    made.textContent = words;
    return made;
  };
  return [
    text("1", "-6", "8", "end"),
    text("0", "-6", "100%", "end"),
    ...[0, length].map((time) => text(`${time.toFixed(0)} s`, percent(time / length), "118%", time ? "end" : "start")),
  ];
}

function inWords({ person, score, segments }, { inconclusive_from, fake_from }) {
  const value = score === null ? "no value" : `value ${score.toFixed(2)}`;
  const limits = `real below ${inconclusive_from.toFixed(2)}, fake from ${fake_from.toFixed(2)}`;
  const forged = segments.map(({ start, end }) => `${start.toFixed(1)} to ${end.toFixed(1)} s`);
  const parts = forged.length ? `looks forged from ${forged.join(", ")}` : "no part looks forged";
  return `Scores of person ${person} over time: ${value}; ${limits}; ${parts}`;
}

const percent = (share) => `${100 * share}%`;

function box(kind, x, y, width, height) {
  return svg("rect", { class: kind, x, y, width, height });
}

function svg(kind, attributes) {
  const made = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
