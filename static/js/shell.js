// What the shell does beyond HTML: dialogs for confirmations, focus after a swap, toasts that can be closed.
// Every page works without this file.

const dialog = document.getElementById("dialog");

function focusOn(root) {
  const wanted = root.querySelector("[data-focus]") ?? root.querySelector("h1, h2");
  if (!wanted) return;
  if (!wanted.hasAttribute("tabindex")) wanted.setAttribute("tabindex", "-1");
  wanted.focus({ preventScroll: root !== dialog });
}

// A confirmation that htmx fetched opens in the dialog; an empty answer closes it.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== dialog) return;
  if (!dialog.firstElementChild) {
    dialog.close();
    return;
  }
  if (!dialog.open) dialog.showModal();
  focusOn(dialog);
});

// A refusal (403, 409, 422) comes as a page or fragment with words: show it instead of dropping it.
document.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status === 409 || status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401 || event.detail.xhr.status === 403) window.location.reload();
  else say("The server refused this. Reload the page and try again.");
});
document.addEventListener("htmx:sendError", () => say("No answer from the server. Check the connection and try again."));

function say(words) {
  const toasts = document.getElementById("toasts");
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.setAttribute("data-toast", "");
  const text = document.createElement("span");
  text.textContent = words;
  const close = document.createElement("button");
  close.className = "close";
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("data-close-toast", "");
  close.setAttribute("aria-label", "Close this message");
  toast.append(text, close);
  toasts.append(toast);
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  target?.closest("[data-close-toast]")?.closest("[data-toast]")?.remove();
  const closer = target?.closest("[data-close-dialog]");
  if (closer && dialog?.open && dialog.contains(closer)) {
    event.preventDefault();
    dialog.close();
  }
  // A blocked button keeps its name and leads to the list of what is missing.
  const blocked = target?.closest("button[aria-disabled='true']");
  if (blocked) {
    event.preventDefault();
    const guard = document.getElementById("guard");
    guard?.scrollIntoView({ block: "center" });
    if (guard) focusOn(guard);
  }
});

// A choice that sends its form at once; without script there is a button.
document.addEventListener("change", (event) => {
  if (event.target instanceof HTMLSelectElement && event.target.hasAttribute("data-submit")) event.target.form?.requestSubmit();
});

// A job that has been polled to its end is told once, and focus stays where it was.
document.addEventListener("htmx:afterSettle", (event) => {
  const root = event.detail.elt;
  if (root instanceof HTMLElement && root.hasAttribute("data-focus-after")) focusOn(root);
});

if (document.querySelector("[role='alert'][data-focus]")) focusOn(document.getElementById("main") ?? document.body);
