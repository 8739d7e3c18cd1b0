// The webcam's people: a running verdict for each, over the last seconds. dfd_tf/calibration/over_time
// and dfd_tf/video/deciding again, but for whole people and by other chance.

const REMEMBERED = 30; // seconds of a person that count
const LOST = 2; // seconds after which who comes back begins anew
const OVERLAP = 0.3; // of the boxes of one person in two frames, at least
const BLOCK = 1.5; // seconds over which frames tell much the same
const FEWEST_BLOCKS = 4; // before which there is no verdict
const RESAMPLES = 400;
const TRIMMED = 0.1; // share of the frames left out at either end
const NORMAL = 1.96;
const WHOLE = { left: 0, top: 0, width: 1, height: 1 }; // of a frame that shows little beside a face
const SUREST = 1 - 1e-7;

export class People {
  constructor() {
    this.known = [];
  }

  // Rows of a frame at `time`, in seconds, with each person's score and verdict up to now. `band` is
  // that of a photo. What a frame gives no score or verdict for another reason keeps the frame's row.
  rowsAt(time, rows, band) {
    this.known = this.known.filter(({ seen }) => time - seen <= LOST);
    const free = new Set(this.known);
    return rows.map((row) => {
      if (row.score === null || isHeldBack(row, band)) return row;
      const face = row.face ?? WHOLE;
      const person = this.find(face, free);
      free.delete(person);
      person.frames = person.frames.filter((frame) => time - frame.time <= REMEMBERED);
      person.frames.push({ time, logOdds: logit(row.score) });
      Object.assign(person, { face, seen: time });
      return { ...row, ...ruled(person.frames, band) };
    });
  }

  find(face, free) {
    const [best] = [...free].sort((a, b) => overlap(b.face, face) - overlap(a.face, face));
    if (best && overlap(best.face, face) >= OVERLAP) return best;
    this.known.push({ frames: [] });
    return this.known.at(-1);
  }
}

// Without a verdict for another reason than its score.
function isHeldBack({ score, verdict }, [low, high]) {
  return verdict === "inconclusive" && (score < low || score >= high);
}

export function ruled(frames, [low, high]) {
  const seconds = frames.at(-1).time - frames[0].time;
  const found = estimate(frames, seconds);
  const score = sigmoid(found.value);
  if (seconds < FEWEST_BLOCKS * BLOCK) {
    const left = Math.ceil(FEWEST_BLOCKS * BLOCK - seconds);
    return { score, verdict: "inconclusive", reason: `a verdict in ${left} s, if the face stays` };
  }
  const [from, to] = [sigmoid(found.low), sigmoid(found.high)];
  const verdict = from >= high ? "fake" : to < low ? "real" : "inconclusive";
  const over = `${frames.length} frames of ${Math.round(seconds)} s`;
  return { score, verdict, reason: `over ${over} its score lies between ${from.toFixed(2)} and ${to.toFixed(2)}` };
}

// Trimmed mean of the log-odds with a 95 % interval by block bootstrap, widened as Student's t is.
export function estimate(frames, seconds) {
  const values = frames.map(({ logOdds }) => logOdds);
  const n = values.length;
  const value = trimmedMean(values);
  const step = Math.max(1e-3, seconds / Math.max(1, n - 1));
  const block = Math.max(1, Math.min(Math.round(BLOCK / step), Math.floor(n / 2)));
  const means = Array.from({ length: RESAMPLES }, () => trimmedMean(drawn(values, block)));
  means.sort((a, b) => a - b);
  const wider = student(Math.max(1, n / block - 1)) / NORMAL;
  const limit = (share) => value + wider * (means[Math.round(share * (RESAMPLES - 1))] - value);
  return { value, low: limit(0.025), high: limit(0.975) };
}

function drawn(values, block) {
  const n = values.length;
  const taken = [];
  while (taken.length < n) {
    const start = Math.floor(Math.random() * n);
    for (let i = 0; i < block && taken.length < n; i += 1) taken.push(values[(start + i) % n]);
  }
  return taken;
}

export function trimmedMean(values) {
  const cut = Math.floor(TRIMMED * values.length);
  const kept = [...values].sort((a, b) => a - b).slice(cut, values.length - cut);
  return kept.reduce((sum, x) => sum + x, 0) / kept.length;
}

// The 97.5 % point of Student's t, by Cornish and Fisher's expansion: 1 % short from three on.
export function student(freedom) {
  const z = NORMAL;
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
  ];
  return terms.reduce((sum, term, power) => sum + term / freedom ** power, 0);
}

function overlap(a, b) {
  const end = (box, from, size) => box[from] + box[size];
  const along = (from, size) =>
    Math.max(0, Math.min(end(a, from, size), end(b, from, size)) - Math.max(a[from], b[from]));
  const both = along("left", "width") * along("top", "height");
  return both / (a.width * a.height + b.width * b.height - both);
}

function logit(score) {
  const kept = Math.min(Math.max(score, 1 - SUREST), SUREST);
  return Math.log(kept / (1 - kept));
}

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
