// What the detector knows and what not, below the verdicts.

import { $, element } from "./dom.js";

const count = (n) => n.toLocaleString("en");

export function showModel({ name, card, learned, meaning }) {
  $("alarms").textContent = meaning.fake;
  $("model").textContent = name;
  $("card").textContent = card;
  $("learned").replaceChildren(...learned.map(learnedRow));
  $("knowledge").hidden = false;
}

function learnedRow({ source, real, fake }) {
  const row = element("tr");
  const head = element("th", source);
  head.scope = "row";
  row.append(head, element("td", count(real)), element("td", fake ? count(fake) : "none"));
  return row;
}
