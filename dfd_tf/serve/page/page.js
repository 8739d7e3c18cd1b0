// The page asks the API of its own server and shows what it answers. No framework, no build step.

const MOST_FILES = 16;
const MOST_TRIES = 5; // of a request that the server has no room for
const WORDS = {
  real: ["\u2713", "No trace of forgery"],
  fake: ["\u2717", "Looks fake"],
  inconclusive: ["?", "Inconclusive"],
  "no face": ["\u2013", "No face"],
  error: ["\u2013", "Cannot be judged"],
};
const $ = (id) => document.getElementById(id);
const answers = [];
let model = null;
let token = "";
let waiting = []; // files that wait for a token

$("host").textContent = location.host;
$("files").addEventListener("change", () => {
  judge([...$("files").files]);
  $("files").value = "";
});
$("ask").addEventListener("submit", useToken);
$("save").addEventListener("click", save);
$("clear").addEventListener("click", clear);
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop") judge([...event.dataTransfer.files]);
  });
}
document.addEventListener("paste", (event) => judge([...event.clipboardData.files]));
showModel();

async function ask(path, options = {}) {
  let answer = await request(path, options);
  for (let tries = 1; answer.status === 503 && tries < MOST_TRIES; tries += 1) {
    const seconds = Number(answer.headers.get("Retry-After")) || 1;
    await new Promise((go) => setTimeout(go, 1000 * seconds));
    answer = await request(path, options);
  }
  const content = await answer.json().catch(() => ({}));
  if (answer.ok) return content;
  if (answer.status === 401) $("locked").hidden = false;
  throw new Error(content.detail || `The server answered with ${answer.status}.`);
}

function request(path, options) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  return fetch(path, { ...options, headers }).catch(() => {
    throw new Error("The server does not answer.");
  });
}

function say(text, wrong = false) {
  $("status").textContent = text;
  $("status").classList.toggle("wrong", wrong);
}

async function useToken(event) {
  event.preventDefault();
  token = $("token").value.trim();
  await showModel();
  if (!model) return;
  $("locked").hidden = true;
  say("");
  judge(waiting);
}

async function showModel() {
  try {
    const { models } = await ask("v1/models");
    model = await ask(`v1/models/${encodeURIComponent(models[0])}`);
  } catch (error) {
    say(error.message, true);
    return;
  }
  $("alarms").textContent = model.meaning.fake;
  document.querySelector(".model").textContent = model.name;
  $("card").textContent = model.card;
  $("learned").replaceChildren(...model.learned.map(learnedRow));
  $("knowledge").hidden = false;
}

function learnedRow({ source, real, fake }) {
  const row = document.createElement("tr");
  row.append(cell("th", source), cell("td", count(real)), cell("td", fake ? count(fake) : "none"));
  row.firstChild.scope = "row";
  return row;
}

function cell(kind, text) {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}

const count = (n) => n.toLocaleString("en");

async function judge(files) {
  waiting = files.slice(0, MOST_FILES);
  if (!waiting.length) return;
  if (!model) await showModel();
  if (!model) return;
  const left = files.length - waiting.length;
  let failed = 0;
  for (const [i, file] of waiting.entries()) {
    say(`Judging ${i + 1} of ${waiting.length} \u2026`);
    try {
      const { rows } = await ask("v1/images", { method: "POST", body: formOf(file) });
      answers.push(...rows);
      $("results").prepend(photoOf(file, rows));
    } catch (error) {
      failed += 1;
      say(`${file.name}: ${error.message}`, true);
      if (!$("locked").hidden) return;
    }
  }
  waiting = [];
  $("after").hidden = !answers.length;
  if (!failed) say(left ? `The first ${MOST_FILES} were judged; ${left} were left out.` : summary());
}

function summary() {
  const first = $("results").firstElementChild;
  const words = [...first.querySelectorAll(".word")].map((word) => word.textContent);
  return `Done. ${words.join(", ")}.`;
}

function formOf(file) {
  const form = new FormData();
  form.append("files", file, file.name || "photo");
  return form;
}

function photoOf(file, rows) {
  const made = $("photo").content.cloneNode(true).firstElementChild;
  const image = made.querySelector("img");
  made.querySelector("figcaption").textContent = file.name;
  image.alt = `The photo ${file.name}`;
  image.addEventListener("load", () => drawBoxes(image, rows));
  image.addEventListener("error", () => {
    made.querySelector("figcaption").textContent = `${file.name}: this browser cannot show it.`;
    image.remove();
  });
  image.src = URL.createObjectURL(file);
  made.querySelector(".rows").append(...rows.map((row, i) => rowOf(row, i, rows.length)));
  if (model.maps && rows.some((row) => row.score !== null)) made.append(mapOf(file));
  return made;
}

function drawBoxes(image, rows) {
  rows.forEach(({ face, verdict }, i) => {
    if (!face) return;
    const box = document.createElement("div");
    box.className = `box ${kindOf(verdict)}`;
    const share = (length, whole) => `${(100 * length) / whole}%`;
    box.style.left = share(face.left, image.naturalWidth);
    box.style.top = share(face.top, image.naturalHeight);
    box.style.width = share(face.width, image.naturalWidth);
    box.style.height = share(face.height, image.naturalHeight);
    if (rows.length > 1) box.append(cell("span", i + 1));
    image.parentElement.append(box);
  });
}

const kindOf = (verdict) => (["real", "fake", "inconclusive"].includes(verdict) ? verdict : "none");

function rowOf(row, i, of) {
  const made = $("row").content.cloneNode(true).firstElementChild;
  const [mark, word] = WORDS[row.verdict];
  const part = (name) => made.querySelector(`.${name}`);
  made.classList.add(kindOf(row.verdict));
  part("mark").textContent = mark;
  part("word").textContent = of > 1 ? `Face ${i + 1}: ${word}` : word;
  part("meaning").textContent = row.score === null ? "" : model.meaning[row.verdict];
  part("reason").textContent = row.reason && `${row.reason[0].toUpperCase()}${row.reason.slice(1)}.`;
  if (row.score === null) {
    part("scale").remove();
    part("score").remove();
  } else {
    drawScale(part("scale"), row.score);
    part("score").textContent = scoreInWords(row);
  }
  return made;
}

function drawScale(scale, score) {
  const [real, unsure, fake] = scale.querySelectorAll(".zone");
  const [low, high] = [model.inconclusive_from, Math.min(1, model.fake_from)];
  real.style.width = `${100 * low}%`;
  unsure.style.width = `${100 * (high - low)}%`;
  fake.style.width = `${100 * (1 - high)}%`;
  scale.querySelector(".needle").style.left = `${100 * score}%`;
  const limits = `inconclusive from ${decimals(low)}, fake from ${decimals(high)}`;
  scale.setAttribute("aria-label", `Score ${decimals(score)} on a scale from 0 to 1: ${limits}`);
}

const decimals = (value) => value.toFixed(2);

function scoreInWords({ score }) {
  const [low, high] = [model.inconclusive_from, model.fake_from].map(decimals);
  const limits = `Below ${low} the verdict is real, from ${high} on fake, between them there is none.`;
  if (!model.calibrated) return `Score ${decimals(score)}, which is no probability. ${limits}`;
  const of = Math.min(99, Math.max(1, Math.round(100 * score)));
  const share = score < 0.01 ? "fewer than 1" : score > 0.99 ? "more than 99" : `about ${of}`;
  const chance = `Where half of all photos are fake, ${share} in 100 with this score are.`;
  return `Score ${decimals(score)}. ${chance} ${limits}`;
}

function mapOf(file) {
  const made = document.createElement("div");
  made.className = "map";
  const button = cell("button", "Show where it looked");
  button.type = "button";
  button.addEventListener("click", () => showMap(made, button, file));
  made.append(button);
  return made;
}

async function showMap(place, button, file) {
  button.disabled = true;
  say("Drawing the map, which takes a while the first time \u2026");
  try {
    const { map } = await ask("v1/images?explain=1", { method: "POST", body: formOf(file) });
    const image = document.createElement("img");
    image.src = map.picture;
    image.alt = `Where the detector looked: ${map.method}`;
    const warnings = map.failures.map((text) => cell("p", text));
    warnings.forEach((warning) => warning.classList.add("warning"));
    const checks = document.createElement("details");
    checks.append(cell("summary", "The checks in figures"));
    checks.append(...map.checks.map((text) => cell("p", text)));
    place.replaceChildren(...warnings, image, checks);
    say(map.failures.length ? "This map is not to be trusted." : "The map passed its checks.");
  } catch (error) {
    button.disabled = false;
    say(error.message, true);
  }
}

function save() {
  const text = JSON.stringify({ model: model.name, rows: answers }, null, 2);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = "verdicts.json";
  link.click();
  URL.revokeObjectURL(link.href);
}

function clear() {
  answers.length = 0;
  for (const image of document.querySelectorAll(".frame img")) URL.revokeObjectURL(image.src);
  $("results").replaceChildren();
  $("after").hidden = true;
  say("");
  $("files").focus();
}
