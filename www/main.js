// Loads the module and hands the page over to it. All else is in the module.
import init, { start } from "./pkg/registry_inspector.js";

try {
  await init();
  start();
} catch (error) {
  // So it ends when the page is left, or its loading stopped, before the module is there.
  const stopped = error.name === "AbortError";
  const place = document.getElementById("broken");
  place.textContent = stopped
    ? "Loading was stopped before the page could start: reload it."
    : `The page could not be started: ${error.message ?? error}. It needs a browser with WebAssembly.`;
  place.hidden = false;
  document.getElementById("main").dataset.state = "failed";
  if (!stopped) console.error(error);
}
