// This device as a judge: the worker, what it is asked, and what it is spared.

import { sizeOf } from "./dom.js";
import { fill } from "./score.js";

export class Device {
  // `fetchBytes` gives the content of one of the bundle's files.
  constructor(rules, fetchBytes) {
    this.rules = rules;
    this.fetchBytes = fetchBytes;
    this.waiting = new Map();
    this.asked = 0;
    this.loaded = null;
  }

  // Makes the device ready; once, however often it is called. After a failure it may be tried again.
  load() {
    this.loaded ??= this.start().catch((error) => {
      this.worker?.terminate();
      this.loaded = null;
      throw error;
    });
    return this.loaded;
  }

  async start() {
    const { files, faces } = this.rules;
    const network = await this.fetchBytes(files.network);
    const finder = faces === "whole" ? null : await this.fetchBytes(files.finder);
    this.worker = new Worker(new URL("./worker.js", import.meta.url));
    this.worker.addEventListener("message", ({ data }) => this.hear(data));
    this.worker.addEventListener("error", () => this.fail());
    await this.ask("load", { rules: this.rules, network, finder });
  }

  // The rows of a file, as the server gives them.
  async file(file) {
    await this.load();
    const reason = await this.refusal(file);
    const refused = { score: null, verdict: "error", reason, face: null };
    const rows = reason ? [refused] : await this.ask("file", { file });
    return rows.map((row) => ({ path: file.name, ...row }));
  }

  // Why a file is not even decoded.
  async refusal(file) {
    const { most_bytes: bytes, most_pixels: pixels, reasons } = this.rules;
    const amount = (n) => ({ amount: (n / 1e6).toFixed(1) });
    if (file.size > bytes) return fill(reasons.large_file, amount(file.size));
    const size = await sizeOf(file);
    if (!size) return reasons.unreadable;
    const n = size.width * size.height;
    return n > pixels ? fill(reasons.large_image, amount(n)) : "";
  }

  // The rows of a bitmap, which is handed over.
  async frame(bitmap) {
    await this.load();
    return this.ask("frame", { bitmap }, [bitmap]);
  }

  ask(task, given, transferred = []) {
    this.asked += 1;
    this.worker.postMessage({ id: this.asked, task, given }, transferred);
    return new Promise((done, failed) => this.waiting.set(this.asked, { done, failed }));
  }

  hear({ id, answer, failure }) {
    const { done, failed } = this.waiting.get(id);
    this.waiting.delete(id);
    if (failure === undefined) done(answer);
    else failed(new Error(`This device cannot judge: ${failure}`));
  }

  fail() {
    for (const { failed } of this.waiting.values()) failed(new Error("This browser cannot judge."));
    this.waiting.clear();
  }
}
