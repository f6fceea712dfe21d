// Defines <registry-inspector> for a page that has some.
import init from "./pkg/registry_inspector.js";

await init();
