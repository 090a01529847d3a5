// What several walks do in the fictional comune, and how they read what it prints.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** The password of every staff account of a demo. */
const PASSWORD = 'campanella-demo';

/** Logs in as one of the fictional people, the way a family does; who was sent here lands where they wanted to go. */
export async function enterAs(walk, person, { look = false, landsOn = /^\s*Ciao, / } = {}) {
  await walk.go('/');
  await walk.follow('Entra con SPID');
  await walk.on('Identità di prova');
  if (look) await walk.look('identity-provider');
  await walk.fill('Cerca per cognome o nome', person);
  await walk.press('Cerca');
  await walk.press(`Entra come ${person}`);
  await walk.on(landsOn);
}

/** Logs in at the office or at a school. */
export async function enterOffice(walk, username, { look = false } = {}) {
  await walk.go('/');
  await walk.follow('Accesso per gli uffici e le scuole');
  if (look) await walk.look('staff-login');
  await walk.fill('Nome utente', username);
  await walk.fill('Password', PASSWORD);
  await walk.press('Entra', { exact: true });
}

/** Whoever is logged in may open every page that the menu of the office offers. */
export async function menuLeadsSomewhere(walk) {
  const links = await walk.tab.locator('.office-nav a').evaluateAll((all) => all.map((a) => a.href));
  walk.holds('there is a menu', links.length > 0);
  for (const link of links) {
    const status = (await walk.tab.request.get(link)).status();
    walk.holds(`the menu leads to ${new URL(link).pathname}`, status === 200, `${status}`);
  }
}

/** What a PDF says, line by line as it is laid out. */
export async function pdfText(file) {
  const { stdout } = await run('pdftotext', ['-layout', file, '-']);
  return stdout;
}

/** The cents of “1.234,50 €”. */
export function cents(text) {
  const found = /([−-]?)\s*([\d.]+),(\d\d)/.exec(text);
  if (!found) throw new Error(`no amount in “${text}”`);
  const [, sign, euros, rest] = found;
  return (sign === '' ? 1 : -1) * (Number(euros.replaceAll('.', '')) * 100 + Number(rest));
}

/** The page refreshes itself while a job works. */
export async function until(walk, text) {
  const here = walk.tab.url();
  for (let turn = 0; turn < 200; turn += 1) {
    if ((await walk.text()).includes(text)) return;
    await walk.go(new URL(here).pathname);
  }
  await walk.sees(text);
}

/** Chooses nothing on "Nuovo pagamento". */
export async function chooseNothing(walk) {
  for (const box of await walk.tab.locator('main input[type=checkbox]:checked').all()) {
    await box.uncheck({ force: true });
  }
}

/** Chooses a row of "Nuovo pagamento", counted from 0, and says how much. */
export async function chooseToPay(walk, row, amount) {
  await walk.tab.locator('main input[type=checkbox][name^="pick-"]').nth(row).check({ force: true });
  await walk.tab.locator('main input[name^="amount-"]').nth(row).fill(amount);
}
