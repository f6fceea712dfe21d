// Light, dark, or as the system has it. A script of its own, before the page is drawn: nothing flashes.
(() => {
  const names = { "": "System", light: "Light", dark: "Dark" };
  const root = document.documentElement;
  // Storage may be switched off; the choice then lasts as long as the page.
  const stored = (value) => {
    try {
      return value === undefined ? localStorage.getItem("theme") ?? "" : localStorage.setItem("theme", value);
    } catch { return ""; }
  };
  const show = (theme) => { root.dataset.theme = theme in names ? theme : ""; };
  // What is embedded may be told by its frame's address.
  const asked = new URLSearchParams(location.search);
  show((asked.has("embed") && asked.get("theme")) || stored());
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const name = () => { button.textContent = `Theme: ${names[root.dataset.theme].toLowerCase()}`; };
    name();
    button.hidden = false;
    button.addEventListener("click", () => {
      const all = Object.keys(names);
      show(all[(all.indexOf(root.dataset.theme) + 1) % all.length]);
      stored(root.dataset.theme);
      name();
    });
  });
})();
