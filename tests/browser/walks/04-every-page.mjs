// Every page that a link leads to, seen by each who may see it: one of each kind, at both widths.

import { enterAs, enterOffice } from '../lib/comune.mjs';

/** Three children who eat at school; one child at the nido. */
const PARENTS = ['Ferrari Azzurra', 'Vitale Christian'];
const STAFF = ['ufficio', 'ragioneria', 'collodi', 'aquilone'];
/** What is downloaded, and where somebody else would be asked. */
const NO_PAGE = /\.(pdf|csv|xlsx|svg|toml)(\?|$)|\/ricevuta$|^\/static\/|^(mailto|tel):/;

export default async function (walk) {
  const starts = ['/', '/verifica', '/privacy', '/valutazione?pagina=welcome&voto=2', '/valutazione/grazie', '/ufficio/accesso'];
  await everyPage(walk, 'public', starts);
  await walk.refused(404, () => walk.go('/non/esiste'));
  await walk.look('public-not-found');

  for (const parent of PARENTS) {
    const family = await walk.another();
    await enterAs(family, parent);
    const name = parent.split(' ')[0].toLowerCase();
    await everyPage(family, name, ['/area']);
    await family.refused(404, () => family.go('/area/non/esiste'));
    await family.look(`${name}-not-found`);
  }
  const newcomer = await walk.another();
  await enterAsNewcomer(newcomer);
  await everyPage(newcomer, 'newcomer', ['/area']);

  for (const username of STAFF) {
    const staff = await walk.another();
    await enterOffice(staff, username);
    await everyPage(staff, username, [new URL(staff.tab.url()).pathname]);
  }
}

/** Who has never been here, and has nothing: what the empty pages say. */
async function enterAsNewcomer(walk) {
  await walk.go('/demo/accesso');
  for (const [field, value] of [['surname', 'Rossi'], ['name', 'Mario'], ['fiscal_code', 'RSSMRA85T10A562S']]) {
    await walk.tab.fill(`#${field}`, value);
  }
  await walk.press('Registrati ed entra');
  await walk.on(/^\s*Ciao, /);
}

/** Ids, dates and numbers make no other kind of page; neither does what is asked for. */
function kind(address) {
  return address
    .replace(/\?.*/, '')
    .replace(/\/[0-9a-z]{26}(?=\/|$)/g, '/:id')
    .replace(/\/\d{4}(-\d\d)*(?=\/|$)/g, '/:day')
    .replace(/\/\d+(?=\/|$)/g, '/:n');
}

async function everyPage(walk, who, starts) {
  const waiting = [...starts];
  const known = new Set(starts.map(kind));
  const side = /^\/(ufficio|scuola)/.test(starts[0]);
  while (waiting.length > 0) {
    const address = waiting.shift();
    await walk.go(address);
    const name = kind(address).replaceAll('/', '-').replaceAll(':', '') || '-home';
    await walk.look(`${who}${name}`);
    const links = await walk.tab
      .locator('a[href]')
      .evaluateAll((all) => all.filter((a) => a.origin === location.origin).map((a) => a.pathname + a.search));
    for (const link of links) {
      const ours = /^\/(ufficio|scuola)/.test(link) === side;
      if (!ours || NO_PAGE.test(link) || known.has(kind(link))) continue;
      known.add(kind(link));
      waiting.push(link);
    }
  }
  walk.holds(`${who}: there are pages`, known.size > 1, [...known].join(' '));
}
