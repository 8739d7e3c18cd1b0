// Short hands for the document.

export const $ = (id) => document.getElementById(id);

export function fromTemplate(id) {
  return $(id).content.cloneNode(true).firstElementChild;
}

export function element(kind, text = "", name = "") {
  const made = document.createElement(kind);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

// Width and height that a file's header states, before a pixel is decoded; null where it has none.
export async function sizeOf(file) {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  const read = await new Promise((done) => {
    image.onload = () => done(true);
    image.onerror = () => done(false);
  });
  URL.revokeObjectURL(image.src);
  return read ? { width: image.naturalWidth, height: image.naturalHeight } : null;
}

export function say(text, wrong = false) {
  $("status").textContent = text;
  $("status").classList.toggle("wrong", wrong);
}
