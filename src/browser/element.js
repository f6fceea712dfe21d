// What only a script can say: a custom element is a class, and a document is parsed without a sink for markup by
// XMLHttpRequest alone. All else is in Rust.

/** The site that this module is a part of. */
const site = new URL("../../../../../", import.meta.url).href;

/** Defines the element, and tells of each one when it comes, when an attribute changes, and when it goes. */
export function define(name, attributes, came, changed, went) {
  if (!globalThis.customElements || customElements.get(name)) return;
  customElements.define(name, class extends HTMLElement {
    static observedAttributes = attributes;
    connectedCallback() { came(this, site); }
    attributeChangedCallback() { if (this.isConnected) changed(this); }
    disconnectedCallback() { went(this); }
  });
}

/** Puts the page's markup and style into the element's shadow tree; what holds the markup comes back. */
export async function furnish(element) {
  const page = await markup(site + "index.html");
  const shadow = element.shadowRoot ?? element.attachShadow({ mode: "open" });
  const style = document.createElement("link");
  Object.assign(style, { rel: "stylesheet", href: site + "style.css" });
  const styled = new Promise((resolve) => { style.onload = style.onerror = resolve; });
  shadow.replaceChildren(style);
  await styled;
  const root = document.createElement("div");
  const main = document.createElement("div");
  // A document has one main part, and that is not ours.
  main.id = "main";
  main.append(...page.getElementById("main").children);
  // Nor are its landmarks: several elements would have the same.
  for (const section of main.querySelectorAll("section")) section.setAttribute("role", "group");
  root.append(main);
  // The style stays where it is: one that is put in anew is loaded anew.
  style.after(root);
  return root;
}

function markup(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.onload = () => request.response ? resolve(request.response) : reject(new Error(`there is no page at ${address}`));
    request.onerror = () => reject(new Error(`${address} cannot be read`));
    request.send();
  });
}
