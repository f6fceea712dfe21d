// What becomes of the page, and of promises, when the module traps: out of memory, say, or in a fault of its own.
// WebAssembly cannot go on after that, and calls nobody back, so all of this is done without it.

const pages = new Set();
const waiting = new Set();

/** Whether this ended the module. The names are those that browsers have for a trap, for a stack and for memory that is full. */
const ends = (thrown) => {
  const names = ["RuntimeError", "RangeError", "InternalError"];
  return names.includes(thrown?.name) && /registry_inspector/.test(thrown.stack);
};

/** Puts a still of what was shown in its place: nothing in it calls the module, and nothing that the module paints is seen. */
function still(main) {
  const copy = main.cloneNode(true);
  for (const control of copy.querySelectorAll("button, input, select, textarea")) control.disabled = true;
  const words = copy.querySelector("#trapped");
  words.hidden = false;
  copy.prepend(words);
  copy.dataset.state = "failed";
  main.replaceWith(copy);
  words.scrollIntoView({ block: "nearest" });
}

function look(thrown) {
  if (!ends(thrown)) return;
  pages.forEach(still);
  pages.clear();
  const error = Object.assign(new Error("the inspector has stopped: out of memory, or a fault of its own"), { code: "stopped" });
  for (const reject of waiting) reject(error);
  waiting.clear();
}

globalThis.addEventListener?.("error", ({ error }) => look(error));
globalThis.addEventListener?.("unhandledrejection", ({ reason }) => look(reason));

/** Has a page say so. */
export const watch = (main) => void pages.add(main);

/** Has a promise of the module reject then, which would not come to an end. */
export const guarded = (promise) => new Promise((resolve, reject) => {
  waiting.add(reject);
  promise.finally(() => waiting.delete(reject)).then(resolve, reject);
});
