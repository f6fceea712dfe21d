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

let sheet;

/** The page's style, as a sheet that a script makes: what a host's policy says of styles does not hold for these. */
const style = () => (sheet ??= read(site + "style.css").catch((error) => {
  // The next element tries again.
  sheet = undefined;
  throw error;
}));

async function read(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} cannot be read: ${answer.status}`);
  return new CSSStyleSheet().replace(await answer.text());
}

/** Puts the page's markup and style into the element's shadow tree; what holds the markup comes back. */
export async function furnish(element) {
  const shadow = element.shadowRoot ?? element.attachShadow({ mode: "open" });
  try {
    const [page, sheet] = await Promise.all([markup(site + "index.html"), style()]);
    const root = document.createElement("div");
    const main = document.createElement("div");
    // A document has one main part, and that is not ours.
    main.id = "main";
    main.append(...page.getElementById("main").children);
    // Nor are its landmarks: several elements would have the same.
    for (const section of main.querySelectorAll("section")) section.setAttribute("role", "group");
    root.append(main);
    shadow.adoptedStyleSheets = [sheet];
    shadow.replaceChildren(root);
    return root;
  } catch (error) {
    shadow.replaceChildren(`Registry inspector cannot be shown here: ${error.message ?? error}. The policy of this document has to allow connections to ${site}.`);
    throw error;
  }
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
