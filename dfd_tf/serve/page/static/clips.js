// A video and what is said of it. Wherever a time is shown, the video goes there.

import { drawCourse } from "./course.js";
import { $, element, fromTemplate } from "./dom.js";
import { decimals, kindOf, limitsInWords, rowOf } from "./rows.js";

const ENDINGS = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|m?ts|3gp|ogv)$/i;

export const isVideo = (file) => file.type.startsWith("video/") || ENDINGS.test(file.name);

export class Clip {
  // `knowledge` gives the words.
  constructor(file, knowledge) {
    Object.assign(this, { file, knowledge, stopping: new AbortController() });
    this.made = fromTemplate("clip");
    this.made.querySelector("figcaption").textContent = file.name;
    this.player = this.part("video");
    this.player.src = URL.createObjectURL(file);
    this.player.addEventListener("error", () => this.cannotPlay());
    this.part(".cancel").addEventListener("click", () => this.stopping.abort());
    $("results").prepend(this.made);
  }

  part(selector) {
    return this.made.querySelector(selector);
  }

  // The verdict, null where it was cancelled.
  async judge(server) {
    this.tell({ state: "sending" });
    try {
      const end = await server.video(this.file, (job) => this.tell(job), this.stopping.signal);
      const verdict = end.verdict ?? { verdict: "error", reason: end.reason, score: null };
      this.show(verdict, end.persons);
      return verdict;
    } catch (error) {
      this.remove();
      if (error.name === "AbortError") return null;
      throw error;
    }
  }

  tell({ state, seconds, of }) {
    const bar = this.part("progress");
    if (state === "running" && of) Object.assign(bar, { max: of, value: Math.min(seconds, of) });
    const at = of ? `${moment(seconds)} of ${moment(of)}` : moment(seconds ?? 0);
    const stages = { sending: "Sending \u2026", waiting: "Waiting for its turn \u2026" };
    this.part(".stage").textContent = stages[state] ?? `Judged up to ${at}`;
  }

  show(verdict, persons) {
    this.part(".way").remove();
    this.made.querySelector("figcaption").textContent += ", judged on the server";
    this.part(".rows").append(this.row(verdict));
    this.part(".notes").append(...(verdict.notes ?? []).map((note) => element("li", note)));
    if (!persons.length) return;
    const people = this.part(".people");
    people.hidden = false;
    people.append(...persons.map((course) => this.person(course, verdict)));
  }

  row(verdict) {
    const { headlines, meaning } = this.knowledge.videos;
    const model = { ...limitsOf(verdict), meaning };
    const row = rowOf(verdict, { model, headlines }, "", (_, limits) => inWords(verdict, limits));
    if (verdict.score !== null) row.querySelector(".scale").append(interval(verdict));
    return row;
  }

  person(course, verdict) {
    const said = verdict.persons.find(({ person }) => person === course.person);
    const made = fromTemplate("person");
    const [mark, headline] = this.knowledge.videos.headlines[said.verdict];
    made.classList.add(kindOf(said.verdict));
    made.querySelector("h3").textContent = `Person ${said.person}: ${mark} ${headline}`;
    made.querySelector(".reason").textContent = [range(said), said.reason].filter(Boolean).join("; ");
    const figure = made.querySelector("svg");
    const seek = (time) => this.seek(time);
    const pointAt = drawCourse(figure, course, said, limitsOf(verdict), verdict.seconds, seek);
    this.player.addEventListener("timeupdate", () => pointAt(this.player.currentTime));
    this.addStretches(made.querySelector(".stretches"), said.segments);
    made.querySelector(".faces").append(...course.pictures.map((picture) => this.face(picture, said.segments)));
    return made;
  }

  addStretches(place, segments) {
    if (!segments.length) return place.remove();
    const words = ({ start, end }) => `${moment(start)} to ${moment(end)}`;
    place.append("Looks forged: ", ...segments.map((part) => this.goTo(part.start, words(part))));
  }

  face({ time, uri }, segments) {
    const button = this.goTo(time, moment(time));
    button.classList.toggle("forged", segments.some(({ start, end }) => start <= time && time <= end));
    const image = element("img");
    image.src = uri;
    image.alt = "";
    button.prepend(image);
    const item = element("li");
    item.append(button);
    return item;
  }

  goTo(time, words) {
    const button = element("button", words);
    button.type = "button";
    button.title = "Show it in the video";
    button.addEventListener("click", () => this.seek(time));
    return button;
  }

  seek(time) {
    this.player.currentTime = time;
    this.player.scrollIntoView({ block: "nearest" });
  }

  cannotPlay() {
    this.part("figcaption").textContent = `${this.file.name}: this browser cannot play it.`;
    this.player.remove();
  }

  remove() {
    URL.revokeObjectURL(this.player.src);
    this.made.remove();
  }
}

const range = ({ score, low, high }) =>
  score === null ? "" : `${decimals(score)} (${decimals(low)} to ${decimals(high)})`;

function limitsOf({ thresholds }) {
  return { inconclusive_from: thresholds?.real_below, fake_from: thresholds?.fake_from };
}

function inWords(verdict, limits) {
  const [low, high] = [verdict.low, verdict.high].map(decimals);
  const interval = `95\u00a0% interval ${low} to ${high}`;
  return `Score ${decimals(verdict.score)}, ${interval}. ${limitsInWords(limits)}`;
}

function interval({ low, high }) {
  const made = element("div", "", "interval");
  made.style.left = `${100 * low}%`;
  made.style.width = `${100 * (high - low)}%`;
  return made;
}

function moment(seconds) {
  const tenths = Math.round(10 * seconds);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}
