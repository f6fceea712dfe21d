// Runs orders, in a worker or, where a page may start none, in the page's own thread.
//
// An order begins with its number. One that is that number alone stops the order of that number, or, if that has ended,
// has what is left of it forgotten; that it was heard is told at once.
import init, { forget, take } from "./take.js";

/** Makes the module ready; what takes lists of orders comes back. What comes of them is told in lists, each part with the
 * order's number. */
export async function serve(module, tell) {
  await init({ module_or_path: module });
  const running = new Map();
  let untold = [];
  const say = (told) => {
    if (untold.push(told) === 1) queueMicrotask(() => tell(untold.splice(0)));
  };
  const carryOut = (order) => {
    const [id, ...what] = order;
    if (what.length === 0) {
      if (running.has(id)) running.get(id).abort();
      else forget(id);
      return say([id, "stopped"]);
    }
    const stop = new AbortController();
    running.set(id, stop);
    take(order, stop.signal, say)
      .catch((error) => say([id, "lost", String(error)]))
      .finally(() => running.delete(id));
  };
  // A trap settles no promise. It ends a worker; in the page's own thread, nothing else says that these are lost.
  globalThis.document?.defaultView.addEventListener("error", ({ error }) => {
    if (!(error instanceof WebAssembly.RuntimeError && /take_bg/.test(error.stack))) return;
    for (const id of running.keys()) say([id, "lost", String(error)]);
    running.clear();
  });
  return (orders) => orders.forEach(carryOut);
}
