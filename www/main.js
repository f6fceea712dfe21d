// Loads the module and hands the page over to it. All else is in the module.
import init, { start } from "./pkg/registry_inspector.js";

try {
  await init();
  start();
} catch (error) {
  const place = document.getElementById("broken");
  place.textContent = `The page could not be started: ${error.message ?? error}. It needs a browser with WebAssembly.`;
  place.hidden = false;
  document.getElementById("main").dataset.state = "failed";
  console.error(error);
}
