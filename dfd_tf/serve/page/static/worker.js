// A thread of its own for judging, so that the page stays quick. It is no module because LiteRT
// loads its WebAssembly by importScripts, which modules lack.

let judge = null;

const TASKS = {
  async load({ rules, network, finder }) {
    const { loadJudge } = await import("./judge.js");
    judge = await loadJudge(rules, network, finder);
  },
  file: ({ file }) => judge.file(file),
  frame: ({ bitmap }) => judge.frame(bitmap),
};

self.addEventListener("message", async ({ data: { id, task, given } }) => {
  try {
    self.postMessage({ id, answer: await TASKS[task](given) });
  } catch (error) {
    self.postMessage({ id, failure: error.message });
  }
});
