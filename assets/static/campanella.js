// Small comforts. Every page works without this file; it changes nothing that is sent.
'use strict';

// A second submit of the same form within three seconds is a double click.
const sentAt = new WeakMap();
document.addEventListener('submit', (event) => {
  const form = event.target;
  const now = Date.now();
  if (event.defaultPrevented) return;
  if (now - (sentAt.get(form) || 0) < 3000) event.preventDefault();
  else sentAt.set(form, now);
});
// Coming back with the browser's arrow, the form may be sent again at once.
window.addEventListener('pageshow', () => {
  for (const form of document.forms) sentAt.delete(form);
});

// Ctrl+K goes to the search of the office, also while one is typing. (A single key would need a
// switch to turn it off: WCAG 2.1.4.)
document.addEventListener('keydown', (event) => {
  if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const search = document.querySelector('[data-search-hotkey]');
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

// Up and down go through the links of what the search found, from its box on.
document.addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const stops = [...document.querySelectorAll('[data-search-hotkey], a[data-hit]')];
  const here = stops.indexOf(document.activeElement);
  if (here < 0 || stops.length < 2) return;
  event.preventDefault();
  const next = stops[Math.min(Math.max(here + step, 0), stops.length - 1)];
  next.focus();
});

// What must be mended is read out first, also where `autofocus` does nothing. Each link gets the
// label of its field, unless it has one, and makes the field ready for typing.
for (const link of document.querySelectorAll('.error-summary a[href^="#"]')) {
  const field = document.getElementById(link.hash.slice(1));
  const box = field && field.closest('.field');
  const label = box && box.querySelector('.field-label');
  const name = label && label.firstChild ? label.firstChild.textContent.trim() : '';
  if (name && !link.textContent.startsWith(name)) link.prepend(`${name.replace(/[?:]$/, '')}: `);
  link.addEventListener('click', (event) => {
    if (!field) return;
    event.preventDefault();
    field.focus({ preventScroll: true });
    (box || field).scrollIntoView();
  });
}
const summary = document.querySelector('[data-focus]');
if (summary) summary.focus();

// The register counts its ticked rows while they are tapped: a ticked row is a child present,
// or absent where the form says data-register="absent".
function count(register) {
  const boxes = [...register.querySelectorAll('.register-row input[type=checkbox]')];
  const ticked = boxes.filter((box) => box.checked).length;
  const absent = register.dataset.register === 'absent' ? ticked : boxes.length - ticked;
  const text = `Presenti ${boxes.length - absent} · Assenti ${absent}`;
  const shown = register.querySelector('[data-register-count]');
  if (shown && shown.textContent !== text) shown.textContent = text;
}
for (const register of document.querySelectorAll('[data-register]')) {
  register.addEventListener('change', () => count(register));
  window.addEventListener('pageshow', () => count(register));
  count(register);
}
