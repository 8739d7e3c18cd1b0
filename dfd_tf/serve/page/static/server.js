// The server as a judge, and as the place that all files come from.

const MOST_TRIES = 5; // of a request that the server has no room for

export class Locked extends Error {}

export class Server {
  constructor() {
    this.token = "";
  }

  async file(file) {
    const { rows } = await this.json("v1/images", { method: "POST", body: formOf(file) });
    return rows;
  }

  async map(file) {
    const answer = await this.json("v1/images?explain=1", { method: "POST", body: formOf(file) });
    return answer.map;
  }

  // What is said of a video: {state, reason, verdict, persons}. `tell` hears how far it is, and the
  // server forgets all of it in the end, however that comes.
  async video(file, tell, signal) {
    const headers = { "Content-Type": file.type || "application/octet-stream" };
    const { id } = await this.json("v1/videos", { method: "POST", body: file, headers, signal });
    const job = `v1/jobs/${id}`;
    const forget = () => this.request(job, { method: "DELETE", keepalive: true }).catch(() => {});
    addEventListener("pagehide", forget);
    try {
      const end = await lastOf(await this.ask(`${job}/events`, { signal }), tell);
      if (end?.state === "done") return { ...end, persons: await this.json(`${job}/persons`) };
      if (end?.reason) return { ...end, persons: [] };
      throw new Error("The server stopped judging the video.");
    } finally {
      removeEventListener("pagehide", forget);
      forget();
    }
  }

  async bytes(name) {
    return (await this.ask(`v1/page/${name}`)).arrayBuffer();
  }

  async json(path, options) {
    return (await this.ask(path, options)).json();
  }

  async ask(path, options = {}) {
    let answer = await this.request(path, options);
    for (let tries = 1; answer.status === 503 && tries < MOST_TRIES; tries += 1) {
      const seconds = Number(answer.headers.get("Retry-After")) || 1;
      await new Promise((go) => setTimeout(go, 1000 * seconds));
      answer = await this.request(path, options);
    }
    if (answer.ok) return answer;
    const { detail } = await answer.json().catch(() => ({}));
    const Kind = answer.status === 401 ? Locked : Error;
    throw new Kind(detail || `The server answered with ${answer.status}.`);
  }

  request(path, options) {
    const token = this.token ? { Authorization: `Bearer ${this.token}` } : {};
    return fetch(path, { ...options, headers: { ...options.headers, ...token } }).catch(unanswered);
  }
}

function unanswered(error) {
  throw error.name === "AbortError" ? error : new Error("The server does not answer.");
}

// The last of an answer's server-sent events.
async function lastOf(answer, tell) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let last = null;
  for (;;) {
    const { value, done } = await reader.read().catch(unanswered);
    if (done) return last;
    const events = (text + value).split("\n\n");
    text = events.pop();
    for (const event of events) {
      last = JSON.parse(event.slice(event.indexOf("data: ") + 6));
      tell(last);
    }
  }
}

function formOf(file) {
  const form = new FormData();
  form.append("files", file, file.name || "photo");
  return form;
}
