// LiteRT, compiled to WebAssembly: from a network's file to a function.

import { Tensor, loadAndCompile, loadLiteRt } from "./engine/litert.js";

const FOLDER = new URL("./engine/", import.meta.url).href;
let started = null;

// A function from the input's numbers to those of all outputs, the longest first.
export async function loadNetwork(content) {
  started ??= start();
  await started;
  const network = await loadAndCompile(new Uint8Array(content), { accelerator: "wasm" });
  const [input] = network.getInputDetails();
  return async (values) => {
    const given = new Tensor(values, [...input.shape]);
    const answers = await network.run([given]);
    given.delete(); // tensors are freed by hand
    const arrays = answers.map(taken);
    return arrays.sort((a, b) => b.length - a.length);
  };
}

function start() {
  // Else its WebAssembly is sought beside the worker's script.
  self.Module = { locateFile: (name) => FOLDER + name };
  return loadLiteRt(FOLDER);
}

function taken(tensor) {
  const values = tensor.toTypedArray().slice();
  tensor.delete();
  return values;
}
