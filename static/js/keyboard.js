// Single keys. Off while typing, while a modifier is held, and where the person turned them off (data-keys="off").

const GO = { o: "overview", a: "alerts", c: "cases", d: "decisions", l: "clusters", u: "accounts", r: "organizations", p: "packets", i: "imports", t: "detectors" };
const GO_WAIT_MS = 1200;
let going = 0;

function typing(target) {
  return target instanceof Element && target.closest("input:not([type='checkbox'], [type='radio']), textarea, select, [contenteditable]");
}

function rows() {
  return [...document.querySelectorAll("main .table tbody tr:has(.lead[href], th .id[href])")];
}

function stand(row) {
  for (const other of document.querySelectorAll("tr.here")) other.classList.remove("here");
  row.classList.add("here");
  row.scrollIntoView({ block: "nearest" });
  (row.querySelector(".lead[href]") ?? row.querySelector("th .id[href], .id[href]"))?.focus({ preventScroll: true });
}

function move(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("here"));
  stand(all[Math.min(Math.max(at < 0 ? 0 : at + by, 0), all.length - 1)]);
}

function select() {
  document.querySelector("tr.here .tick input")?.click();
}

function open() {
  const link = document.querySelector("tr.here .lead[href], tr.here th .id[href]");
  if (link instanceof HTMLElement) link.click();
}

// A letter presses the control that shows it: a bar's button needs a selection, so the row stood on is picked first.
function press(letter) {
  const control = [...document.querySelectorAll(`[data-key="${letter}"]`)].find((one) => !one.closest("dialog:not([open])"));
  if (!(control instanceof HTMLElement)) return false;
  const form = control.closest("form");
  if (control.closest(".bulk") && form && !form.querySelector("tbody .tick :checked")) {
    if (!form.querySelector("tr.here .tick input")) return false;
    select();
  }
  if (control.offsetParent === null && !control.closest(".bulk")) return false;
  control.click();
  return true;
}

function go(letter) {
  const link = GO[letter] && document.querySelector(`#nav a[data-go="${GO[letter]}"]`);
  if (link instanceof HTMLAnchorElement) window.location.assign(link.href);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.documentElement.dataset.keys === "off" || document.querySelector("dialog:modal")) return;
  if (Date.now() < going) {
    going = 0;
    event.preventDefault();
    go(event.key);
    return;
  }
  const acts = {
    "/": () => document.getElementById("search-box")?.focus(),
    "?": () => document.getElementById("keys")?.togglePopover(),
    j: () => move(1),
    k: () => move(-1),
    x: select,
    g: () => { going = Date.now() + GO_WAIT_MS; },
  };
  if (event.key === "Enter" && event.target === document.body) open();
  else if (acts[event.key]) {
    event.preventDefault();
    acts[event.key]();
  } else if (/^[a-z]$/.test(event.key) && press(event.key)) event.preventDefault();
});
