// The office with a family on the phone: one search, one sheet, and every task from there.

import { enterAs, enterOffice } from '../lib/comune.mjs';

/** A mother of three. */
const PARENT = 'Ferrari Azzurra';

/** The office does all of it without scripts, too. */
export const withoutScripts = true;

export default async function (walk) {
  await enterOffice(walk, 'ufficio');
  await walk.on('Oggi');

  await search(walk);
  const sheet = await theSheet(walk);
  const receipt = await cancelOnBehalf(walk, sheet);
  await aMessage(walk, sheet);
  await anIsee(walk, sheet);
  await asTheParentSeesIt(walk, sheet);
  await refuse(walk);
  await jobs(walk);

  await theFamilyKnows(walk, receipt);
}

/** Types into the box on top of the page and sends it. */
async function searchFor(walk, what) {
  await walk.fill(/^Cerca una famiglia/, what);
  await walk.press('Cerca', { within: walk.tab.locator('.office-search') });
}

/** Half a name finds several, nothing finds a hint, a whole code leads straight to the sheet. */
async function search(walk) {
  await walk.go('/ufficio/lavori');
  await searchFor(walk, 'ferr');
  await walk.sees(PARENT);
  await walk.look('search-several');
  if (walk.script) {
    await walk.tab.keyboard.press('Control+k');
    await walk.tab.keyboard.press('ArrowDown');
    const first = await walk.tab.locator('a[data-hit]').first().innerText();
    const here = await walk.tab.evaluate(() => document.activeElement.innerText);
    walk.holds('Ctrl+K and an arrow lead to the first hit', here === first, here);
  }
  await searchFor(walk, 'xyzw');
  await walk.sees('Nessun risultato');
  await walk.look('search-nothing');
  await searchFor(walk, 'FRRZRR79C60G702Y');
  await walk.on(new RegExp(PARENT));
}

async function theSheet(walk) {
  await searchFor(walk, 'azz ferrari');
  await walk.on(new RegExp(PARENT));
  const text = await walk.text();
  for (const part of ['Figli e oggi', 'ISEE', 'Domande', 'Conto', 'Attestazioni', 'Messaggi']) {
    walk.holds(`the sheet has “${part}”`, text.includes(part));
  }
  walk.holds('a diet is not shown unasked', !/Menù ordinario/.test(text));
  await walk.look('sheet');
  await walk.follow(/^Mostra la dieta di Greta/);
  await walk.sees('Menù ordinario');
  await walk.look('sheet-diet');
  return new URL(walk.tab.url()).pathname;
}

async function cancelOnBehalf(walk, sheet) {
  await walk.go(sheet);
  await walk.follow('Disdici un pasto', { exact: true });
  await walk.on(/^Disdici un pasto per /);
  await walk.look('cancel');
  await walk.fill(/^Chi ha chiesto la disdetta/, 'ha telefonato il padre');
  await walk.refused(422, () => walk.press('Disdici i giorni scelti'));
  const kept = await (await walk.labelled(/^Chi ha chiesto la disdetta/)).inputValue();
  walk.holds('what was typed is kept', kept === 'ha telefonato il padre', kept);
  await walk.look('cancel-nothing-chosen');
  const box = walk.tab.getByRole('group', { name: /^Greta/ }).getByRole('checkbox').first();
  await box.check({ force: true });
  await walk.press('Disdici i giorni scelti');
  await walk.on('Disdetta registrata');
  await walk.look('cancel-done');
  const receipt = /P-2026-\d{6}/.exec(await walk.text())?.[0];
  walk.holds('there is a receipt to read out', receipt !== undefined);
  await walk.go(sheet);
  await walk.sees('Non c’è: disdetto dall’ufficio');
  await walk.look('sheet-cancelled');
  return receipt;
}

async function aMessage(walk, sheet) {
  await walk.go(sheet);
  await walk.fill('Scrivi alla famiglia', 'Come detto al telefono: il pasto di oggi è disdetto.');
  await walk.press('Invia il messaggio');
  await walk.sees('Come detto al telefono');
  await walk.look('message');
}

async function anIsee(walk, sheet) {
  await walk.go(sheet);
  await walk.follow(/^Registra un ISEE.* per Greta/);
  await walk.look('isee');
  await walk.fill('Valore in euro', 'dodicimila');
  await walk.refused(422, () => walk.press('Registra l’ISEE'));
  await walk.look('isee-refused');
  await walk.fill('Valore in euro', '12.000,00');
  await walk.fill('Protocollo della DSU', 'INPS-ISEE-2026-01234567');
  await walk.fill('Valido dal', '2026-02-01');
  await walk.press('Registra l’ISEE');
  await walk.sees('ISEE registrato.');
  await walk.go(sheet);
  await walk.sees('12.000,00');
  await walk.look('sheet-isee');
  await walk.follow('Estratto conto', { exact: true });
  await walk.look('statement');
}

async function asTheParentSeesIt(walk, sheet) {
  await walk.go(sheet);
  await walk.fill('Motivo', 'non trova il calendario');
  await walk.press('Guarda le sue pagine');
  await walk.on(/^\s*Ciao, Azzurra/);
  await walk.look('as-the-parent');
  await walk.press(/Chiudi/);
}

async function refuse(walk) {
  await walk.go('/ufficio/domande?stato=da-esaminare');
  await walk.look('intake-waiting');
  await walk.tab.locator('tbody a').first().click();
  await walk.sees('Che cosa chiede');
  await walk.refused(422, () => walk.press('Respingi la domanda'));
  await walk.look('refuse-without-reason');
  await walk.fill('Motivo', 'La classe indicata non esiste: rifai la domanda con la classe giusta.');
  await walk.press('Respingi la domanda');
  await walk.sees('Respinta');
  await walk.look('refused');
}

async function jobs(walk) {
  await walk.go('/ufficio/lavori');
  await walk.on('Lavori');
  await walk.look('jobs');
  await walk.tab.locator('tbody a').first().click();
  await walk.sees('Che cosa è successo');
  await walk.look('job');
}

/** What the office did is told to the family, and called the office's. */
async function theFamilyKnows(walk, receipt) {
  const family = await walk.another();
  await enterAs(family, PARENT);
  await family.follow(/^Comunicazioni/);
  await family.sees(receipt);
  await family.look('family-messages');
  await family.go('/area/disdici');
  await family.sees('dall’ufficio');
  await family.look('family-meals');
}
