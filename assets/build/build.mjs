// Makes ../static/campanella.css and ../static/icons.svg. Run it through build.sh.
//
//   node build.mjs          keeps only the rules that templates and sources use
//   node build.mjs --wide   keeps also the common classes that a new page may reach for

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import postcss from 'postcss';
import { PurgeCSS } from 'purgecss';
import * as sass from 'sass';

const wide = process.argv.includes('--wide');
const out = '../static';
const italia = 'node_modules/bootstrap-italia';

// State classes that templates put together, and our own components whole.
const states = [/^is-/, /^has-/, /^state-/, /^note-/, /^icon-/, /^stepper/, /^pager/, /^date-part/, /^field/, /^active$/, /^show$/];
const own = [/^month/, /^register/, /^table-/, /^panel/, /^chart-/, /^stat/, /^timeline/, /^thread/, /^message/, /^choice/, /^summary/, /^btn/,
  /^filter/, /^split$/, /^identity-bar$/, /^quiet-tabs$/, /^next-thing$/, /^tile/, /^login-ways$/, /^news$/, /^confirmation$/, /^reference$/,
  /^amount/, /^side-columns$/, /^attachments$/, /^row-/, /^print-only$/, /^no-print$/, /^empty/, /^num$/, /^mono$/, /^nobreak$/];
const common = [/^(row|col|container|g[xy]?|order|offset)(-|$)/, /^[mp][tbsexy]?-/, /^d-/, /^(flex|justify-content|align)-/, /^gap-/, /^(text|fw|fs|lh)-/,
  /^bg-(white|light|primary)$/, /^(w|mw|h)-(25|50|75|100|auto)$/, /^it-card/, /^(card|alert|badge|list-group|table|progress|form)(-|$)/,
  /^(visually-hidden|float|position|shadow|rounded|border|overflow|sticky)/, /^(small|lead|h[1-6])$/, /^list-/];

function styles() {
  const compiled = sass.compile('styles.scss', {
    loadPaths: ['.', `${italia}/src/scss`],
    style: 'compressed',
    silenceDeprecations: ['import', 'global-builtin', 'color-functions', 'slash-div', 'if-function', 'mixed-decls', 'abs-percent'],
    quietDeps: true,
    logger: sass.Logger.silent,
  });
  return compiled.css.replace(/^\uFEFF/, '');
}

// A font's address changes with its content, so that it may be cached for ever.
function withVersion(file) {
  const hash = createHash('sha256').update(readFileSync(`${out}/${file}`)).digest('hex').slice(0, 12);
  return `${file}?v=${hash}`;
}

// The security policy lets no data: image in, and a mouse click needs no focus ring.
function fitted(css) {
  const root = postcss.parse(css);
  root.walkDecls((decl) => {
    if (decl.value.includes('data:')) decl.remove();
    decl.value = decl.value.replace(/fonts\/[a-z0-9-]+\.woff2/g, withVersion);
  });
  root.walkRules((rule) => {
    if (rule.parent.type === 'atrule' && rule.parent.name.endsWith('keyframes')) return;
    rule.selector = rule.selector
      .replace(/:focus:not\(\[data-focus-mouse=["']?true["']?\]\)/g, ':focus-visible')
      .replace(/:focus:not\(\[data-focus-mouse=["']?true["']?\],\s*\.btn\)/g, ':focus-visible:not(.btn)');
    const parts = rule.selectors.filter((part) => !part.includes('data-focus-mouse'));
    if (parts.length === 0) rule.remove();
    else rule.selectors = parts;
  });
  let emptied = true;
  while (emptied) {
    emptied = false;
    root.walk((node) => {
      if ((node.type === 'rule' || node.type === 'atrule') && node.nodes && node.nodes.length === 0) {
        node.remove();
        emptied = true;
      }
    });
  }
  return root.toString();
}

async function purged(css) {
  const [result] = await new PurgeCSS().purge({
    content: ['../templates/**/*.html', '../../src/**/*.rs', '../static/campanella.js'],
    css: [{ raw: css }],
    safelist: { standard: [...states, ...own, ...(wide ? common : [])], greedy: [] },
    variables: true,
    fontFace: false,
    keyframes: true,
  });
  return result.css;
}

function icons() {
  const sprite = readFileSync(`${italia}/dist/svg/sprites.svg`, 'utf8');
  const wanted = readFileSync('icons.txt', 'utf8').split('\n').map((line) => line.trim()).filter((line) => line && !line.startsWith('#'));
  const symbols = wanted.map((id) => {
    const found = sprite.match(new RegExp(`<symbol[^>]*\\bid="${id}"[^>]*>[\\s\\S]*?</symbol>`));
    if (!found) throw new Error(`Bootstrap Italia has no icon ${id}`);
    const box = found[0].match(/viewBox="([^"]+)"/)[1];
    const inside = found[0].replace(/^<symbol[^>]*>/, '').replace(/<\/symbol>$/, '').replace(/>\s+</g, '><').trim();
    return `<symbol id="${id}" viewBox="${box}">${inside}</symbol>`;
  });
  for (const file of readdirSync('icons').sort()) {
    const drawing = readFileSync(`icons/${file}`, 'utf8');
    const inside = drawing.replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '').replace(/>\s+</g, '><').trim();
    symbols.push(`<symbol id="${file.replace('.svg', '')}" viewBox="0 0 24 24">${inside}</symbol>`);
  }
  const licence = '<!-- it-*: Bootstrap Italia 2.18.3, BSD-3-Clause. cp-*: Campanella, EUPL-1.2. -->';
  return `<svg xmlns="http://www.w3.org/2000/svg">${licence}\n${symbols.join('\n')}\n</svg>\n`;
}

function write(name, text) {
  writeFileSync(`${out}/${name}`, text);
  const kb = (n) => `${(n / 1000).toFixed(1)} kB`;
  console.log(`${name}: ${kb(Buffer.byteLength(text))}, gzip ${kb(gzipSync(text, { level: 9 }).length)}`);
}

if (!existsSync(`${out}/fonts`)) throw new Error('run fonts.sh first');
const licence = '/*! Bootstrap Italia 2.18.3, BSD-3-Clause, Presidenza del Consiglio dei Ministri; Campanella, EUPL-1.2 */\n';
const css = await purged(fitted(styles()));
if (css.includes('data:')) throw new Error('a data: address is left in the style sheet');
write('campanella.css', `${licence}${css.replace(/\/\*![\s\S]*?\*\//g, '').trim()}\n`);
write('icons.svg', icons());
