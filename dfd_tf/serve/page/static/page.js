// The page: photos, videos and frames in, to whichever judge was chosen, verdicts out. No framework, no
// build step, and nothing from elsewhere.

import { Clip, isVideo } from "./clips.js";
import { Device } from "./device.js";
import { $, say } from "./dom.js";
import { showModel } from "./model.js";
import { clearPhotos, showPhoto, summary } from "./photos.js";
import { Locked, Server } from "./server.js";
import { Webcam } from "./webcam.js";

const server = new Server();
const answers = [];
const verdicts = []; // of videos
let knowledge = null;
let device = null;
let webcam = null;
let waiting = []; // files that wait for a token

$("files").addEventListener("change", () => {
  judge([...$("files").files]);
  $("files").value = "";
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop") judge([...event.dataTransfer.files]);
  });
}
document.addEventListener("paste", (event) => judge([...event.clipboardData.files]));
$("where").addEventListener("change", choose);
$("ask").addEventListener("submit", useToken);
$("open-camera").addEventListener("click", openCamera);
$("close-camera").addEventListener("click", () => webcam.stop());
$("keep-frame").addEventListener("click", async () => judge([await webcam.still()]));
$("save").addEventListener("click", save);
$("clear").addEventListener("click", clear);
learn();

async function learn() {
  try {
    knowledge = await server.json("v1/page/knowledge.json");
  } catch (error) {
    return fail(error);
  }
  showModel(knowledge.model);
  if (knowledge.videos) {
    $("what").textContent = "Drop photos or videos here";
    $("files").accept += ",video/*";
  }
  if (knowledge.rules) device = new Device(knowledge.rules, (name) => server.bytes(name));
  $("on-device").disabled = !device;
  $("on-server").disabled = !knowledge.server;
  $(device ? "on-device" : "on-server").checked = true;
  $("where").hidden = false;
  await choose();
}

const onDevice = () => $("on-device").checked;

// Says where photos go from now on, and makes that place ready.
async function choose() {
  $("goes").textContent = onDevice()
    ? "Photos stay on this device: the page judges them itself and sends nothing."
    : `${knowledge.videos ? "Photos and videos" : "Photos"} go to the server ${location.host}. It judges them and keeps nothing.`;
  $("no-device").textContent = knowledge.no_device && `Not on this device: ${knowledge.no_device}`;
  if (!onDevice()) return;
  say("Loading the detector into this page \u2026");
  try {
    await device.load();
    say("Ready. The page needs no network any more.");
  } catch (error) {
    fail(error);
  }
}

async function judge(files) {
  waiting = files.slice(0, knowledge?.most_files);
  if (!waiting.length) return;
  if (!knowledge) await learn();
  if (!knowledge) return;
  const n = waiting.length;
  let failed = false;
  for (const [i, file] of waiting.entries()) {
    say(`Judging ${i + 1} of ${n} \u2026`);
    try {
      if (isVideo(file)) await judgeVideo(file);
      else show(file, await (onDevice() ? device : server).file(file));
    } catch (error) {
      failed = true;
      fail(error, `${file.name}: `);
      if (error instanceof Locked) return;
    }
  }
  waiting = [];
  const left = files.length - n;
  if (!failed) say(left ? `Done. ${left} files were left out: give ${n} at a time.` : summary(n));
}

async function judgeVideo(file) {
  const { videos, no_videos: why } = knowledge;
  if (!videos) throw new Error(why);
  if (onDevice()) throw new Error("Only the server judges videos. Choose it, if it may see this one.");
  if (file.size > videos.most_bytes) {
    throw new Error(`A video may have ${videos.most_bytes / 1e6} MB, this one has ${Math.ceil(file.size / 1e6)}.`);
  }
  const verdict = await new Clip(file, knowledge).judge(server);
  if (!verdict) return;
  verdicts.push({ ...verdict, path: file.name });
  $("after").hidden = false;
}

function show(file, rows) {
  answers.push(...rows);
  const sends = onDevice() ? " (sends the photo to the server)" : "";
  const map = { label: `Show where it looked${sends}`, draw: (photo) => server.map(photo) };
  const where = onDevice() ? "on this device" : "on the server";
  showPhoto(file, rows, where, knowledge, knowledge.model.maps && map);
  $("after").hidden = false;
}

async function openCamera() {
  const frame = async (bitmap) => (onDevice() ? device.frame(bitmap) : server.file(await asFile(bitmap)));
  webcam = new Webcam(frame, knowledge, closed);
  $("open-camera").hidden = true;
  try {
    if (onDevice()) await device.load();
    await webcam.start();
    say("");
    $("close-camera").focus();
  } catch (error) {
    closed(error);
  }
}

function closed(error) {
  $("open-camera").hidden = false;
  if (error) fail(error);
}

async function asFile(bitmap) {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  return new File([await canvas.convertToBlob()], "webcam.png");
}

function fail(error, before = "") {
  $("locked").hidden = !(error instanceof Locked);
  say(`${before}${error.message}`, true);
}

async function useToken(event) {
  event.preventDefault();
  server.token = $("token").value.trim();
  $("locked").hidden = true;
  const again = waiting;
  if (!knowledge) await learn();
  if (again.length && knowledge) judge(again);
}

function save() {
  const text = JSON.stringify({ model: knowledge.model.name, rows: answers, videos: verdicts }, null, 2);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = "verdicts.json";
  link.click();
  URL.revokeObjectURL(link.href);
}

function clear() {
  answers.length = verdicts.length = 0;
  clearPhotos();
  $("after").hidden = true;
  say("");
  $("files").focus();
}
