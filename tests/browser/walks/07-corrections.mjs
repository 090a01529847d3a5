// What is put right afterwards: a clerk gives a charged day back and the parent reads why; a parent
// declares an ISEE that changes what was charged, the office checks it and prepares the differences.

import { enterAs, enterOffice, until } from '../lib/comune.mjs';

/** The office does all of it without scripts, too. */
export const withoutScripts = true;

/** Who pays for two children at the primary school. */
const PARENT = 'Ferrari Azzurra';
const REASON = 'Quel giorno la classe era in gita';
const CERTIFICATE = {
  name: 'attestazione.pdf',
  mimeType: 'application/pdf',
  buffer: Buffer.from('%PDF-1.4\n%%EOF\n'),
};

export default async function (walk) {
  await enterOffice(walk, 'ufficio');
  await giveADayBack(walk);
  const parent = await walk.another();
  await enterAs(parent, PARENT);
  await readWhy(parent);
  await declare(parent);
  await check(walk);
  await prepareTheDifferences(walk);
}

async function giveADayBack(walk) {
  await walk.go('/ufficio/cerca?q=Ferrari+Azzurra');
  await walk.follow('Estratto conto', { exact: true });
  await walk.look('statement');
  const charges = await walk.tab.locator('main a[href*="/addebiti/"]').all();
  await walk.go(await charges[0].getAttribute('href'));
  await walk.sees('Storno');
  await walk.look('charge');
  const button = /^Storna l’addebito di/;
  await walk.refused(422, () => walk.press(button));
  await walk.look('charge-no-reason');
  await walk.fill(/^Motivo dello storno/, REASON);
  await walk.press(button);
  await walk.sees('Addebito stornato');
  await walk.look('charge-reversed');
}

async function readWhy(parent) {
  await parent.go('/area/estratto-conto');
  await parent.sees(REASON);
  await parent.look('family-statement');
  await parent.follow('Bollette', { exact: true });
  const bills = await parent.tab.locator('main table a').all();
  await parent.go(await bills[0].getAttribute('href'));
  await parent.on(/^Bolletta \d+\/2026/);
  await parent.sees(REASON);
  await parent.look('family-bill');
}

async function declare(parent) {
  await parent.go('/area/isee');
  await parent.tab.locator('main input[name=child]').first().check({ force: true });
  await parent.fill(/^Valore in euro/, 'poco');
  await parent.tick(/^Dichiaro/);
  await parent.refused(422, () => parent.press('Invia l’ISEE'));
  await parent.look('isee-refused');
  await parent.fill(/^Valore in euro/, '2.500,00');
  // The day of the DSU: before what was charged.
  for (const [part, value] of [['d', '1'], ['m', '9'], ['y', '2026']]) {
    await parent.tab.locator(`main input[name=valid_from_${part}]`).fill(value);
  }
  await parent.fill(/^Numero di protocollo/, 'INPS-ISEE-2026-01234567A-00');
  await parent.attach(/^Attestazione ISEE/, CERTIFICATE);
  await parent.press('Invia l’ISEE');
  await parent.look('isee-declared');
}

async function check(walk) {
  await walk.follow('ISEE', { exact: true });
  await walk.follow(/^Dichiarati da controllare/);
  await walk.sees('2.500,00');
  await walk.look('isee-to-check');
  await walk.press(/^È giusto\s*: Ferraro/);
  await walk.look('isee-checked');
}

async function prepareTheDifferences(walk) {
  await walk.follow('Bollette', { exact: true });
  await walk.follow('ISEE arrivati tardi');
  await walk.on('ISEE arrivati tardi');
  await walk.sees('Ferraro');
  await walk.look('late-isee');
  await walk.press(/^Prepara la bozza dal/);
  await until(walk, 'Bozza: nessuna famiglia la vede');
  await walk.follow(PARENT);
  await walk.sees('erano già stati addebitati');
  await walk.look('late-isee-draft-payer');
}
