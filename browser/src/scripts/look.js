// What a page shows of some controls, as a person or a screen reader finds them: by role and name, by label, or by
// CSS selector. Hidden elements are not shown. `arguments[0]` is a list of controls; for each of them comes back a
// list of { element, text }.
const controls = arguments[0];

const IMPLICIT = [
  ["button", "button, summary, input[type=button], input[type=submit], input[type=reset], input[type=image]"],
  ["link", "a[href], area[href]"],
  ["checkbox", "input[type=checkbox]"],
  ["radio", "input[type=radio]"],
  ["combobox", "select:not([multiple])"],
  ["textbox", "textarea, input:not([type]), input[type=text], input[type=email], input[type=tel], input[type=url]"],
  ["heading", "h1, h2, h3, h4, h5, h6"],
  ["status", "output"],
  ["list", "ul, ol, menu"],
  ["listitem", "li"],
  ["table", "table"],
  ["row", "tr"],
  ["cell", "td"],
  ["img", "img, svg"],
  ["navigation", "nav"],
  ["main", "main"],
  ["dialog", "dialog"],
  ["form", "form"],
];
const NAMED_BY_CONTENT = ["button", "link", "heading", "listitem", "row", "cell", "option", "tab", "menuitem", "switch"];

const tidy = (text) => (text || "").replace(/\s+/g, " ").trim();
const isShown = (element) =>
  element.checkVisibility
    ? element.checkVisibility({ visibilityProperty: true })
    : element.getClientRects().length > 0;
const textOf = (element) => tidy(element.innerText === undefined ? element.textContent : element.innerText);
const shownText = (element) => ("value" in element && element.tagName !== "BUTTON" && element.tagName !== "LI" ? element.value : textOf(element));
const roleOf = (element) => {
  const written = tidy(element.getAttribute("role"));
  if (written) return written.split(" ")[0];
  const known = IMPLICIT.find(([, selector]) => element.matches(selector));
  return known ? known[0] : "";
};
const labelOf = (element) => {
  const ids = tidy(element.getAttribute("aria-labelledby"));
  if (ids) {
    const named = ids.split(" ").map((id) => document.getElementById(id));
    return tidy(named.map((one) => (one ? one.textContent : "")).join(" "));
  }
  const written = tidy(element.getAttribute("aria-label"));
  if (written) return written;
  return tidy(Array.from(element.labels || [], (label) => label.textContent).join(" "));
};
const nameOf = (element, role) => {
  const label = labelOf(element);
  if (label) return label;
  if (element.tagName === "INPUT" && role === "button") return tidy(element.value || element.alt);
  if (element.alt) return tidy(element.alt);
  if (NAMED_BY_CONTENT.includes(role)) {
    const content = textOf(element);
    if (content) return content;
  }
  return tidy(element.title || element.placeholder);
};

const candidates = (control) => {
  if (control.css) return document.querySelectorAll(control.css);
  if (control.label) return document.querySelectorAll("input, select, textarea, button, [role], [contenteditable]");
  const known = IMPLICIT.find(([role]) => role === control.role);
  return document.querySelectorAll(known ? `[role], ${known[1]}` : "[role]");
};
const fits = (control) => (element) => {
  if (!isShown(element)) return false;
  if (control.label && labelOf(element) !== tidy(control.label)) return false;
  const role = roleOf(element);
  if (control.role && role !== control.role) return false;
  return !control.name || nameOf(element, role) === tidy(control.name);
};
const found = (control) =>
  Array.from(candidates(control)).filter(fits(control)).map((element) => ({ element, text: shownText(element) }));

return { shown: controls.map(found), address: location.href, ready: document.readyState === "complete", document: Math.round(performance.timeOrigin * 1000) };
