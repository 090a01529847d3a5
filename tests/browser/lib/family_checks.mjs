// The points of docs/interface.md that a machine can tick on a family's or a public page. Each check
// has a name there, and a page without it in selftest.mjs.

/** Body text on a phone, and what may be smaller: notes, states, labels over values, the frame. */
const BODY_TEXT = 16;
/** The least side of what a finger meets (docs/interface.md, point 22). */
const TARGET = 44;

/** @returns {Promise<[string, string | undefined][]>} names of checks, each with its fault */
export async function familyChecks(tab, { width }) {
  const found = await tab.evaluate(readPage, { body: BODY_TEXT, target: TARGET, phone: width < 600 });
  return Object.entries(found).map(([name, faults]) => [name, faults.slice(0, 4).join('\n') || undefined]);
}

/** Runs in the page: what is wrong, by the name of the check. */
function readPage({ body, target, phone }) {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const seen = (box) => {
    const { width, height } = box.getBoundingClientRect();
    return width > 1 && height > 1 && box.checkVisibility({ visibilityProperty: true });
  };
  const words = (box) => box.textContent.replace(/\s+/g, ' ').trim();
  const tell = (box) => `<${box.tagName.toLowerCase()} ${box.className}> “${words(box).slice(0, 50)}”`;
  const main = one('main');
  const fields = all('input:not([type=hidden]), select, textarea', main).filter(seen);
  const typed = fields.filter((field) => field.matches('.form-control, .form-select'));

  function frame() {
    const lacks = {
      'the crest': '.brand-crest svg',
      'the comune’s name': '.brand-name',
    };
    return Object.entries(lacks).filter(([, selector]) => !one(selector)).map(([name]) => `${name} is missing`);
  }

  function breadcrumb() {
    const items = all('.breadcrumb-container li');
    const last = items.at(-1);
    if (!last) return ['there is none'];
    return last.getAttribute('aria-current') === 'page' && !last.querySelector('a') ? [] : ['the last is not the page itself'];
  }

  function primaryButtons() {
    // The ways in are one choice: no one of them may stand out (SPID and CIE rules).
    const buttons = all('.btn-primary', main).filter((box) => seen(box) && !box.closest('.login-ways'));
    return buttons.length > 1 ? [`${buttons.length}: ${buttons.map(words).join(' | ')}`] : [];
  }

  function textSize() {
    if (!phone) return [];
    const smaller = 'small, .text-muted, .state, .field-help, .field-optional, .choice-help, .required-note, dt, caption, .stepper, .month, .month-legend, .mono, time, .chart, svg, .num small';
    const faults = [];
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const box = walker.currentNode.parentElement;
      if (walker.currentNode.textContent.trim() === '' || !seen(box) || box.closest(smaller)) continue;
      const size = parseFloat(getComputedStyle(box).fontSize);
      if (size < body) faults.push(`${size} px ${tell(box)}`);
    }
    return faults;
  }

  function underlined() {
    const border = (field) => parseFloat(getComputedStyle(field).borderBottomWidth);
    return typed.filter((field) => field.type !== 'file' && border(field) < 1).map(tell);
  }

  function labelsAbove() {
    return typed.flatMap((field) => {
      const label = field.labels?.[0];
      if (!label) return [`${field.name}: no label`];
      const over = label.getBoundingClientRect().bottom <= field.getBoundingClientRect().top + 1;
      return over || !seen(label) ? [] : [`${field.name}: the label is not above`];
    });
  }

  function errors() {
    const summary = one('.error-summary');
    const told = /^Errore:/.test(document.title);
    if (!summary && !told) return [];
    if (!summary || !told) return ['the title and the box on top don’t agree'];
    const before = summary.compareDocumentPosition(one('h1')) & Node.DOCUMENT_POSITION_FOLLOWING;
    const faults = before ? [] : ['the box is not above the h1'];
    for (const link of all('a', summary)) {
      const field = document.getElementById(link.hash.slice(1));
      const place = field?.closest('.field, fieldset') ?? field?.parentElement;
      if (!field) faults.push(`${link.hash} leads nowhere`);
      else if (!place.querySelector('.field-error')) faults.push(`nothing is said at ${link.hash}`);
    }
    return faults;
  }

  function amounts() {
    const text = main.innerText;
    const odd = [...text.matchAll(/[\d.,]+\s?€/g)].map(([amount]) => amount).filter((amount) => !/^[\d.]*\d,\d\d\u00a0€$/.test(amount));
    const left = all('td.num, th.num', main).filter((cell) => seen(cell) && !phone && getComputedStyle(cell).textAlign !== 'right');
    return [...odd.map((amount) => `“${amount}”`), ...left.map((cell) => `not at the right: ${tell(cell)}`)];
  }

  function dates() {
    const odd = /\b\d{4}-\d\d-\d\d\b|\b\d\/\d{1,2}\/\d{2,4}\b|\b\d{1,2}\/\d\/\d{2,4}\b|\b\d\d\/\d\d\/\d\d\b(?!\d)/g;
    return [...main.innerText.matchAll(odd)].map(([date]) => `“${date}”`);
  }

  function contactCard() {
    return one('[data-element=contacts] a') ? [] : ['there is none'];
  }

  function footerLinks() {
    return ['privacy-policy-link', 'accessibility-link'].filter((name) => !one(`footer a[data-element=${name}]`));
  }

  function targets() {
    if (!phone) return [];
    const small = [];
    for (const box of all('a[href], button, summary, input:not([type=hidden]), select, textarea', main)) {
      if (!seen(box) || box.disabled) continue;
      const label = box.matches('input[type=checkbox], input[type=radio]') && box.labels?.[0];
      const area = (label || box).getBoundingClientRect();
      // A link within a sentence keeps the sentence's height (WCAG 2.5.8, exception “inline”).
      const line = box.closest('p, li, td, th, dd, small, div');
      const inSentence = box.matches('a') && getComputedStyle(box).display === 'inline' && line && words(line) !== words(box);
      if (!inSentence && (area.height < target - 0.5 || area.width < target - 0.5)) {
        small.push(`${Math.round(area.width)} × ${Math.round(area.height)} px ${tell(box)}`);
      }
    }
    return small;
  }

  function focusRing() {
    const samples = [one('main .btn-primary'), one('main a[href]:not(.btn)'), typed[0], one('header a[href]')].filter((box) => box && seen(box));
    const before = document.activeElement;
    const faults = samples.filter((box) => {
      box.focus({ focusVisible: true, preventScroll: true });
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(box);
      const outline = outlineStyle === 'auto' || (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2);
      return boxShadow === 'none' && !outline;
    });
    before?.focus?.({ preventScroll: true });
    if (document.activeElement !== before) document.activeElement.blur();
    return faults.map((box) => `no ring around ${tell(box)}`);
  }

  return {
    frame: frame(),
    breadcrumb: breadcrumb(),
    'one primary button': primaryButtons(),
    'body text': textSize(),
    'labels above': labelsAbove(),
    underlined: underlined(),
    errors: errors(),
    amounts: amounts(),
    dates: dates(),
    'contact card': contactCard(),
    'footer links': footerLinks(),
    targets: targets(),
    'focus ring': focusRing(),
  };
}
