// The photos that were judged: each with its rows, and on request the map of where it was looked.

import { $, element, fromTemplate, say } from "./dom.js";
import { drawBoxes, rowsOf } from "./rows.js";

const MOST_PIXELS = 100_000_000; // that a browser is asked to paint

export function showPhoto(file, rows, where, knowledge, drawMap) {
  const made = fromTemplate("photo");
  const image = made.querySelector("img");
  const caption = made.querySelector("figcaption");
  caption.textContent = `${file.name}, judged ${where}`;
  image.alt = `The photo ${file.name}`;
  const omit = () => {
    caption.textContent = `${file.name}: this browser cannot show it.`;
    image.remove();
  };
  image.addEventListener("load", () => {
    const { naturalWidth: width, naturalHeight: height } = image;
    if (width * height > MOST_PIXELS) omit();
    else drawBoxes(image.parentElement, rows, width, height);
  });
  image.addEventListener("error", omit);
  image.src = URL.createObjectURL(file);
  made.querySelector(".rows").append(...rowsOf(rows, knowledge));
  if (drawMap && rows.some((row) => row.score !== null)) made.append(mapOf(file, drawMap));
  $("results").prepend(made);
}

// Of the newest files, in a sentence.
export function summary(n) {
  if (n > 1) return `Done. ${n} files were judged.`;
  const words = [...($("results").firstElementChild?.querySelectorAll(".word") ?? [])];
  if (!words.length) return "";
  return `Done. ${words.map((word) => word.textContent).join(", ")}.`;
}

export function clearPhotos() {
  for (const image of $("results").querySelectorAll(":is(img, video)")) URL.revokeObjectURL(image.src);
  $("results").replaceChildren();
}

function mapOf(file, { label, draw }) {
  const made = element("div", "", "map");
  const button = element("button", label);
  button.type = "button";
  button.addEventListener("click", () => showMap(made, button, draw(file)));
  made.append(button);
  return made;
}

async function showMap(place, button, drawn) {
  button.disabled = true;
  say("Drawing the map, which takes a while the first time \u2026");
  try {
    const map = await drawn;
    const image = element("img");
    image.src = map.picture;
    image.alt = `Where the detector looked: ${map.method}`;
    const warnings = map.failures.map((text) => element("p", text, "warning"));
    const checks = element("details");
    checks.append(element("summary", "The checks in figures"));
    checks.append(...map.checks.map((text) => element("p", text)));
    place.replaceChildren(...warnings, image, checks);
    say(map.failures.length ? "This map is not to be trusted." : "The map passed its checks.");
  } catch (error) {
    button.disabled = false;
    say(error.message, true);
  }
}
