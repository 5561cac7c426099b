// Ticked rows: the count in the bar, the whole page at once, ranges with Shift.

const TICKS = "tbody .tick input[type='checkbox']";
let last = null;

function boxesOf(form) {
  return [...form.querySelectorAll(TICKS)];
}

function show(form) {
  const boxes = boxesOf(form);
  const picked = boxes.filter((box) => box.checked).length;
  const words = form.querySelector("[data-selected-count]");
  if (words) words.textContent = picked ? `${picked.toLocaleString("en")} selected` : "With the selected";
  const head = form.querySelector("[data-select-page]");
  if (head) {
    head.checked = picked > 0 && picked === boxes.length;
    head.indeterminate = picked > 0 && picked < boxes.length;
  }
}

export function formsWithTicks() {
  return [...document.forms].filter((form) => form.querySelector(TICKS));
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof HTMLInputElement) || !event.target.matches(TICKS)) return;
  const form = event.target.form;
  if (!form) return;
  const boxes = boxesOf(form);
  if (event.shiftKey && last && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(event.target)].sort((a, b) => a - b);
    for (const box of boxes.slice(from, to + 1)) box.checked = event.target.checked;
  }
  last = event.target;
  show(form);
});

document.addEventListener("change", (event) => {
  if (!(event.target instanceof HTMLInputElement) || !event.target.form) return;
  if (event.target.matches("[data-select-page]")) {
    for (const box of boxesOf(event.target.form)) box.checked = event.target.checked;
  }
  if (event.target.matches(`${TICKS}, [data-select-page]`)) show(event.target.form);
});

document.addEventListener("reset", (event) => setTimeout(() => show(event.target)));
document.addEventListener("htmx:afterSettle", () => formsWithTicks().forEach(show));
formsWithTicks().forEach(show);
