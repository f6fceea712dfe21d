// Light, dark, or as the system has it. A script of its own, before the page is drawn: nothing flashes.
(() => {
  // A map: an object has names of its own, such as __proto__, and an address may hold them.
  const names = new Map([["", "System"], ["light", "Light"], ["dark", "Dark"]]);
  const root = document.documentElement;
  // Storage may be switched off; the choice then lasts as long as the page.
  const stored = (value) => {
    try {
      return value === undefined ? localStorage.getItem("theme") ?? "" : localStorage.setItem("theme", value);
    } catch { return ""; }
  };
  const show = (theme) => { root.dataset.theme = names.has(theme) ? theme : ""; };
  // What is embedded may be told by its frame's address.
  const asked = new URLSearchParams(location.search);
  show((asked.has("embed") && asked.get("theme")) || stored());
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const name = () => { button.textContent = `Theme: ${names.get(root.dataset.theme).toLowerCase()}`; };
    name();
    button.hidden = false;
    button.addEventListener("click", () => {
      const all = [...names.keys()];
      show(all[(all.indexOf(root.dataset.theme) + 1) % all.length]);
      stored(root.dataset.theme);
      name();
    });
  });
})();
