// What must hold on every page. Each check answers with nothing, or with what is wrong.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { familyChecks } from './family_checks.mjs';

const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** The narrowest phone that a page must fit: WCAG 1.4.10. */
const NARROWEST = 320;
/** The smallest text, in CSS pixels: families read on phones, the office has dense lists. */
const SMALLEST_TEXT = { family: 14, office: 12 };

let axeSource;

/** @returns {Promise<[string, string | undefined][]>} names of checks, each with its fault */
export async function pageChecks(tab, { width, font, script }) {
  const found = [];
  const check = (name, fault) => found.push([name, fault || undefined]);
  const facts = await tab.evaluate(readFacts);

  check('title', facts.title.trim() === '' && 'the page has no title');
  check('language', facts.lang !== 'it' && `<html lang="${facts.lang}">`);
  check('one h1', facts.h1.length !== 1 && `${facts.h1.length} h1: ${facts.h1.join(' | ')}`);
  check(`fits ${width} px`, await sidewaysScroll(tab, width));
  if (width < 600) check(`fits ${NARROWEST} px`, await fitsNarrowest(tab, width));
  if (font) check('font', !facts.fonts.includes(font) && `${font} is not among the loaded: ${facts.fonts}`);
  const least = /^\/(ufficio|cucina)/.test(new URL(tab.url()).pathname)
    ? SMALLEST_TEXT.office
    : SMALLEST_TEXT.family;
  const small = facts.texts.filter(([size]) => size < least);
  check(
    'text size',
    small.length > 0 &&
      `under ${least} px: ${small.slice(0, 3).map(([size, text]) => `${size} px “${text}”`).join(', ')}`,
  );
  check('required line', facts.unexplained.map((form) => `${form} has asterisks and no line about them`).join('; '));
  if (facts.family) found.push(...(await familyChecks(tab, { width })));
  // axe waits for timers of the page, which stand still where scripts are off.
  if (script) check('axe', await axe(tab));
  return found;
}

/** Runs in the page. */
function readFacts() {
  const texts = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const box = walker.currentNode.parentElement;
    if (text === '' || /^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE)$/.test(box.tagName)) continue;
    const { width, height } = box.getBoundingClientRect();
    if (width <= 1 || height <= 1 || !box.checkVisibility({ visibilityProperty: true })) continue;
    const size = parseFloat(getComputedStyle(box).fontSize);
    if (!texts.has(size)) texts.set(size, text.slice(0, 40));
  }
  return {
    title: document.title,
    family: document.body.classList.contains('side-family'),
    lang: document.documentElement.lang,
    h1: [...document.querySelectorAll('h1')].map((h1) => h1.textContent.trim()),
    texts: [...texts],
    unexplained: [...document.querySelectorAll('main form')]
      .filter((form) => form.querySelector('[aria-required=true], .field-star') && !form.querySelector('.required-note'))
      .map((form) => form.getAttribute('action') ?? 'the form'),
    fonts: [...document.fonts]
      .filter((face) => face.status === 'loaded')
      .map((face) => face.family.replaceAll('"', '')),
  };
}

async function sidewaysScroll(tab, width) {
  const { scroll, wide } = await tab.evaluate((width) => {
    const scrolls = (box) => {
      for (let at = box.parentElement; at; at = at.parentElement) {
        if (/auto|scroll|hidden|clip/.test(getComputedStyle(at).overflowX)) return true;
      }
      return false;
    };
    const wide = [...document.body.querySelectorAll('*')]
      .filter((box) => box.getBoundingClientRect().right > width + 0.5 && !scrolls(box))
      .slice(0, 3)
      .map((box) => `<${box.tagName.toLowerCase()} class="${box.className}">`);
    return { scroll: document.documentElement.scrollWidth, wide };
  }, width);
  return scroll > width && `the page is ${scroll} px wide: ${wide.join(' ')}`;
}

async function fitsNarrowest(tab, width) {
  const { height } = tab.viewportSize();
  await tab.setViewportSize({ width: NARROWEST, height });
  const fault = await sidewaysScroll(tab, NARROWEST);
  await tab.setViewportSize({ width, height });
  return fault;
}

async function axe(tab) {
  axeSource ??= await readFile(AXE, 'utf8');
  await tab.evaluate(axeSource);
  const violations = await tab.evaluate(async (tags) => {
    const result = await window.axe.run(document, {
      runOnly: { type: 'tag', values: tags },
      rules: { 'target-size': { enabled: true } },
      resultTypes: ['violations'],
    });
    return result.violations.map(({ id, help, nodes }) => ({
      id,
      help,
      places: nodes.map((node) => `${node.target.join(' ')}  ${node.html.slice(0, 160)}`),
    }));
  }, WCAG);
  return violations
    .map(({ id, help, places }) => `${id}: ${help}\n  ${places.slice(0, 4).join('\n  ')}`)
    .join('\n');
}
