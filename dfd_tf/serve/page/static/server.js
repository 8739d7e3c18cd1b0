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
    const headers = this.token ? { Authorization: `Bearer ${this.token}` } : {};
    return fetch(path, { ...options, headers }).catch(() => {
      throw new Error("The server does not answer.");
    });
  }
}

function formOf(file) {
  const form = new FormData();
  form.append("files", file, file.name || "photo");
  return form;
}
