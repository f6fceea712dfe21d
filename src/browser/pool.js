// Workers, of which only a script knows how to start one: each has the same module, compiled once.

/** A function that returns a vector: where it compiles, the module that has SIMD does. */
const SIMD = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11);

/** How long a worker that is told to stop something may take to say that it heard it, in milliseconds. */
const PATIENCE = 1000;

const base = new URL(`../../../../worker/${WebAssembly.validate(SIMD) ? "" : "scalar/"}`, import.meta.url).href;

/** Whether a worker may start from here at all: a page of another origin may have none. */
const isOwn = new URL(base).origin === globalThis.origin;

let policy;

/** The address of a worker's script. A page that guards the addresses of scripts lets ours through by a policy, unless it
 * allows none: then it says itself whether the bare address will do. */
function own(name) {
  try {
    policy ??= globalThis.trustedTypes?.createPolicy("registry-inspector-workers", { createScriptURL: (name) => base + name });
  } catch {}
  return policy ? policy.createScriptURL(name) : base + name;
}

let compiled;

async function compile() {
  const answer = await fetch(base + "take_bg.wasm");
  if (!answer.ok) throw new Error(`the workers' module cannot be had: ${answer.status}`);
  return WebAssembly.compile(await answer.arrayBuffer());
}

async function open(tell, lost, isHere) {
  const module = await (compiled ??= compile());
  const stops = new Map();
  const hear = (all) => {
    for (const told of all) {
      if (told[1] === "stopped") {
        clearTimeout(stops.get(told[0]));
        stops.delete(told[0]);
      } else tell(told);
    }
  };
  if (!isHere) try {
    const worker = new Worker(own("worker.js"), { type: "module" });
    const end = (reason) => {
      worker.terminate();
      lost(reason, true);
    };
    await new Promise((resolve, reject) => {
      worker.onmessage = resolve;
      worker.onerror = (event) => { worker.terminate(); reject(event); };
      worker.postMessage(module);
    });
    worker.onmessage = ({ data }) => hear(data);
    worker.onerror = (event) => {
      event.preventDefault();
      end(event.message ?? "it gave no reason");
    };
    return {
      order(orders) {
        // One that hangs hears nothing any more.
        for (const [id, ...what] of orders) {
          if (what.length === 0 && !stops.has(id)) stops.set(id, setTimeout(end, PATIENCE, "it did not stop when it was told to"));
        }
        worker.postMessage(orders, orders.flatMap((order) => order[6] ? [order[6].buffer] : []));
      },
      end: () => worker.terminate(),
      isHere: false,
    };
  } catch {}
  // Where no worker may start, or none gets an answer, the same code runs in the page's own thread, in slices.
  const { serve } = await import(base + "serve.js");
  return { order: await serve(module, hear), end() {}, isHere: true };
}

/** Starts a worker; or, if it is to be here, what does a worker's work in the page's own thread. What is told of an order
 * goes to `tell`; that the worker is gone with all its orders, to `lost`, and whether it ever was there. */
export function start(tell, lost, isHere) {
  const worker = open(tell, lost, isHere || !isOwn);
  worker.catch((error) => lost(error.message ?? String(error), false));
  const then = (act) => { worker.then(act, () => {}); };
  let orders = [];
  const port = {
    // Those that are given at once go as one message.
    order(order) {
      if (orders.push(order) === 1) then((worker) => worker.order(orders.splice(0)));
    },
    end: () => then((worker) => worker.end()),
    /** Whether it is the page's own thread. That is known before the first answer. */
    isHere,
  };
  then((worker) => { port.isHere = worker.isHere; });
  return port;
}
