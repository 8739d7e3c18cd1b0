// The webcam, judged at the pace that the judge keeps: always the newest frame, never a queue.

import { $ } from "./dom.js";
import { drawBoxes, rowsOf } from "./rows.js";
import { People } from "./running.js";

const SMOOTHING = 0.2; // weight of the newest frame in the rate that is shown

export class Webcam {
  // `judge` makes rows of a bitmap, `knowledge` gives the words for them.
  constructor(judge, knowledge, onEnd) {
    Object.assign(this, { judge, knowledge, onEnd, stream: null, rate: 0 });
    this.video = $("video");
    this.people = new People();
  }

  async start() {
    this.stream = await openCamera();
    this.video.srcObject = this.stream;
    await this.video.play();
    $("camera").hidden = false;
    this.run();
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
    $("camera").hidden = true;
    this.onEnd();
  }

  async run() {
    const { stream } = this;
    let begun = performance.now();
    while (this.stream === stream) {
      await nextFrame(this.video);
      const seen = performance.now();
      try {
        const rows = await this.judge(await createImageBitmap(this.video));
        if (this.stream !== stream) return;
        const { inconclusive_from, fake_from } = this.knowledge.model;
        const running = this.people.rowsAt(seen / 1000, rows, [inconclusive_from, fake_from]);
        this.show(running, performance.now() - seen, performance.now() - begun);
      } catch (error) {
        if (this.stream === stream) this.stop();
        this.onEnd(error);
        return;
      }
      begun = seen;
    }
  }

  show(rows, age, taken) {
    const { videoWidth, videoHeight } = this.video;
    drawBoxes(this.video.parentElement, rows, videoWidth, videoHeight);
    $("frame-rows").replaceChildren(...rowsOf(rows, this.knowledge));
    this.rate += (this.rate ? SMOOTHING : 1) * (1000 / taken - this.rate);
    const rate = this.rate < 10 ? this.rate.toFixed(1) : this.rate.toFixed(0);
    $("pace").textContent = `${rate} frames a second, each ${Math.round(age)} ms old when judged`;
  }

  // The frame that is shown, as a file.
  still() {
    const { videoWidth: width, videoHeight: height } = this.video;
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    canvas.getContext("2d").drawImage(this.video, 0, 0);
    return new Promise((done) => {
      canvas.toBlob((blob) => done(new File([blob], "webcam.png", { type: blob.type })), "image/png");
    });
  }
}

async function openCamera() {
  if (!navigator.mediaDevices) throw new Error("Browsers open the webcam for https and localhost only.");
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
  } catch (error) {
    const why = { NotAllowedError: "it was not allowed", NotFoundError: "there is none" };
    throw new Error(`The webcam cannot be used: ${why[error.name] ?? error.message}.`);
  }
}

function nextFrame(video) {
  const after = video.requestVideoFrameCallback?.bind(video) ?? requestAnimationFrame;
  return new Promise((done) => after(done));
}
