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
// Elements that a new page may use before the style sheet is made again.
const tags = /^(html|body|main|header|footer|nav|section|article|aside|h[1-6]|p|a|b|strong|em|small|kbd|code|abbr|time|ul|ol|li|dl|dt|dd|table|caption|thead|tbody|tfoot|tr|th|td|form|fieldset|legend|label|input|select|option|textarea|button|details|summary|figure|figcaption|svg|hr|div|span|blockquote|address|sup|sub)$/;
const own = [tags, /^month/, /^register/, /^table-/, /^panel/, /^chart-/, /^stat/, /^timeline/, /^thread/, /^message/, /^choice/, /^summary/, /^btn(-(primary|secondary|danger|link|login|block|sm|outline-(primary|secondary|danger)))?$/,
  /^filter/, /^split$/, /^identity-bar$/, /^quiet-tabs$/, /^next-thing$/, /^tile/, /^login-ways$/, /^news$/, /^confirmation$/, /^reference$/,
  /^amount/, /^side-columns$/, /^attachments$/, /^row-/, /^print-only$/, /^no-print$/, /^empty/, /^num$/, /^mono$/, /^nobreak$/];
const common = [/^(row|container(-fluid)?|col(-(md|lg))?(-(\d+|auto))?|g[xy]?-\d)$/, /^[mp][tbsexy]?(-(md|lg))?-(\d|auto)$/,
  /^d(-(md|lg|print))?-(none|block|flex|grid|inline-block)$/, /^flex-(wrap|column|row|fill|grow-1|shrink-0|nowrap)$/, /^flex-(md|lg)-row$/,
  /^(justify-content|align-items)-(start|center|end|between|baseline)$/, /^gap-\d$/, /^text-(start|center|end|nowrap|break|muted|secondary|danger|success)$/,
  /^fw-(normal|semibold|bold)$/, /^fs-\d$/, /^(w|h)-(25|50|75|100|auto)$/, /^it-card(-(title|body|text|footer|header))?$/,
  /^alert(-(success|warning|danger|info|heading))?$/, /^badge$/, /^bg-(primary|success|warning|danger|secondary|white|light)$/, /^table(-(sm|hover|striped|responsive|borderless))?$/,
  /^form-(control|select|check|check-input|check-label|text|group|label)$/, /^(in)?valid-feedback$/, /^progress(-bar)?$/, /^visually-hidden(-focusable)?$/,
  /^(float|position|sticky)-(start|end|relative|sticky|top)$/, /^(shadow|rounded|border)(-(0|top|bottom|sm))?$/, /^overflow-(auto|hidden)$/, /^(small|lead|h[1-6])$/, /^list-(unstyled|inline|inline-item)$/];

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
