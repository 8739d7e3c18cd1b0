// From logits to calibrated scores, verdicts and reasons: dfd_tf/calibration again. The numbers and
// the words come from the bundle.

const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

export function scoreOf(logit, calibration) {
  return Math.exp(-softplus(-logOdds(logit, calibration)));
}

function logOdds(logit, { temperature, map }) {
  if (!map) return logit / temperature;
  if (map.kind === "beta") return map.b * softplus(logit) - map.a * softplus(-logit) + map.c;
  return isotonic(logit, map);
}

function isotonic(logit, { logits, log_odds_at: heights, slope }) {
  const between = logits.slice(1).map((x, i) => (heights[i + 1] - heights[i]) / (x - logits[i]));
  const slopes = [slope, ...between, slope];
  return logits.reduce(
    (value, place, i) => value + (slopes[i + 1] - slopes[i]) * Math.max(logit - place, 0),
    heights[0] + slope * (logit - logits[0]),
  );
}

// Verdict and reason of a face or a photo.
export function judged(score, box, rules, distances = []) {
  const { band, novelty, smallest_face: smallest, reasons } = rules;
  const [low, high] = band;
  if (box && Math.max(box.width, box.height) < smallest) {
    return ["inconclusive", fill(reasons.small_face, { width: box.width })];
  }
  const verdict = score < low ? "real" : score >= high ? "fake" : "inconclusive";
  if (novelty && distances.length && isNew(verdict, distances, novelty)) return ["inconclusive", reasons.outside];
  if (verdict !== "inconclusive") return [verdict, ""];
  return ["inconclusive", fill(reasons.band, apart({ score, low, high }))];
}

// `Novelty.is_new` of dfd_tf/calibration.
function isNew(verdict, distances, { from_reals: fromReals, from_known: fromKnown }) {
  if (verdict === "real") return distances[0] > fromReals;
  return verdict === "fake" && Math.min(...distances) > fromKnown;
}

// The three numbers with as few decimals as keep the score apart from both limits.
function apart(numbers) {
  for (let decimals = 2; ; decimals += 1) {
    const texts = Object.entries(numbers).map(([name, value]) => [name, value.toFixed(decimals)]);
    const { score, low, high } = Object.fromEntries(texts);
    if ((score !== low && score !== high) || decimals === 6) return { score, low, high };
  }
}

// A sentence of the bundle with its blanks filled in.
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
