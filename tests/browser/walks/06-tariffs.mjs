// A clerk enters the resolution of Lissone in the form, sees its examples hold, tries it on the last
// school year, publishes it and runs the month that it corrects; a family finds the new price in the
// simulator, and a parent reads line by line why it costs what it costs.

import { cents, enterAs, enterOffice, until } from '../lib/comune.mjs';

/** The office does all of it without scripts, too. */
export const withoutScripts = true;

const SERVICE = 'Refezione scolastica';
const ACT = 'Deliberazione di Giunta n. 45 del 12/05/2026';
/** "Fino a ISEE" and the price of a meal: comune.lissone.mb.it, riduzione tariffa mensa. */
const BANDS = [
  ['2.000', '0,50'],
  ['4.000', '1,35'],
  ['7.000', '2,55'],
  ['11.000', '3,05'],
  ['15.000', '3,65'],
  ['25.000', '4,10'],
  ['', '4,50'],
];
/** What it shows, ISEE, meals, what it costs: examples/tariffs/lissone-mensa.toml. */
const EXAMPLES = [
  ['ISEE 11.000,00 e 16 pasti', '11.000,00', '16', '48,80'],
  ['ISEE 11.000,01 e 16 pasti', '11.000,01', '16', '58,40'],
  ['Senza ISEE, 18 pasti', '', '18', '81,00'],
  ['ISEE 6.500 e 12 pasti', '6.500', '12', '30,60'],
  ['ISEE 2.000,00 e 20 pasti', '2.000,00', '20', '10,00'],
];
/** From which day it holds: a month that was closed with the old prices. */
const FROM = '2026-10-01';
const PARENT = 'Ferrari Azzurra';

export default async function (walk) {
  await enterOffice(walk, 'ufficio');
  await walk.follow('Tariffe', { exact: true });
  await walk.on('Tariffe');
  await walk.look('tariffs');

  await aPublishedOne(walk);
  await beginADraft(walk);
  await enterTheBands(walk);
  await enterTheExamples(walk);
  await aWrongExample(walk);
  await theText(walk);
  await tryItOnLastYear(walk);
  await publish(walk);
  await theFamilySimulates(walk);
  await runTheMonth(walk);
  await theParentReadsWhy(walk);
}

/** What is in force, in words and as a file. */
async function aPublishedOne(walk) {
  await walk.follow(new RegExp(`^${SERVICE} .*versione`));
  await walk.sees('Che cosa dice');
  await walk.sees('Si paga per ogni pasto.');
  await walk.look('published');
  const file = await walk.download('link', /Scarica il testo/);
  walk.holds('the file is a rule', file.endsWith('.toml'), file);
  await walk.go('/ufficio/tariffe');
}

async function beginADraft(walk) {
  await walk.press(new RegExp(`^Nuova tariffa\\s+di ${SERVICE}`));
  await walk.on(SERVICE);
  await walk.look('form-blank');
  await walk.fill(/^Nome, come lo legge/, 'Mensa come a Lissone');
  await walk.fill(/^Atto/, ACT);
}

async function enterTheBands(walk) {
  await walk.press('Usa le fasce ISEE');
  const kept = await (await walk.labelled(/^Atto/)).inputValue();
  walk.holds('a button keeps what was typed', kept === ACT, kept);
  for (let row = 4; row < BANDS.length; row += 1) await walk.press('Aggiungi uno scaglione');
  for (const [row, [to, price]] of BANDS.entries()) {
    await walk.fill(`Fascia ${row + 1}: fino a ISEE`, to);
    await walk.fill(`Fascia ${row + 1}: prezzo`, price);
  }
  await walk.fill(/^Prezzo senza ISEE/, '4,50');
  await walk.press('Salva e controlla');
  await walk.on('Mensa come a Lissone');
  await walk.sees('Manca un esempio');
  await walk.look('form-bands');
}

async function enterTheExamples(walk) {
  for (const [row, [what, isee, meals, cost]] of EXAMPLES.entries()) {
    await walk.press('Aggiungi un esempio');
    await walk.fill(`Esempio ${row + 1}: che cosa mostra`, what);
    await walk.fill(`Esempio ${row + 1}: ISEE`, isee);
    await walk.fill(`Esempio ${row + 1}: pasti`, meals);
    await walk.fill(`Esempio ${row + 1}: deve costare`, cost);
  }
  await walk.look('form-examples-typed');
  await walk.press('Salva e controlla');
  await walk.sees('Tutti i 5 esempi tornano');
  await walk.look('form-examples');
}

/** An example that fails stops the publishing, and says what the rule makes of it. */
async function aWrongExample(walk) {
  await walk.fill('Esempio 2: deve costare', '58,41');
  await walk.press('Salva e controlla');
  await walk.sees('Un esempio non torna');
  await walk.sees('costa 58,40 €');
  await walk.look('form-wrong-example');
  await walk.follow('Pubblica', { exact: true });
  await walk.on(/^Pubblica: /);
  const buttons = await walk.tab.getByRole('button', { name: 'Pubblica la tariffa' }).count();
  walk.holds('nothing can be published', buttons === 0, `${buttons} buttons`);
  await walk.look('publish-refused');
  await walk.follow('Correggi la bozza');
  await walk.fill('Esempio 2: deve costare', 'molto');
  await walk.refused(422, () => walk.press('Salva e controlla'));
  await walk.look('form-no-number');
  await walk.fill('Esempio 2: deve costare', '58,40');
  await walk.press('Salva e controlla');
  await walk.sees('Tutti i 5 esempi tornano');
}

/** The same rule as its text; a fault is named by its line, and what was typed stays. */
async function theText(walk) {
  await walk.follow('Testo', { exact: true });
  const field = await walk.labelled(/^Testo della tariffa/);
  const good = await field.inputValue();
  walk.holds('the text is a rule file', good.includes('{ to = "11000.00", price = "3.05" }'), good);
  await field.fill(good.replace('"3.05"', '3.05'));
  await walk.refused(422, () => walk.press('Salva e controlla'));
  await walk.sees(/Riga \d+, voce meal, fascia 4/);
  await walk.look('text-fault');
  await (await walk.labelled(/^Testo della tariffa/)).fill(good);
  await walk.press('Salva e controlla');
  await walk.sees('Che cosa dice');
  await walk.sees('ISEE oltre 7.000,00 € e fino a 11.000,00 €');
  await walk.look('draft');
}

async function tryItOnLastYear(walk) {
  await walk.follow('Che cosa cambia', { exact: true });
  await walk.on(/^Che cosa cambia: /);
  await walk.sees('giornate addebitate');
  await walk.look('what-if');
  await walk.follow(/^Pagherebbero di meno/);
  await walk.look('what-if-less');
  const file = await walk.download('link', /Scarica tutti in CSV/);
  walk.holds('the list can be kept', file.endsWith('.csv'), file);
}

async function publish(walk) {
  await walk.follow('Pubblica', { exact: true });
  await walk.fill(/^Vale per i giorni di servizio dal/, FROM);
  await walk.press('Pubblica la tariffa');
  await walk.sees('Dal 01/10/2026 prende il posto di');
  await walk.look('publish');
  await walk.press('Pubblica la tariffa');
  await walk.on('Mensa come a Lissone');
  await walk.sees('vale per i giorni dal 01/10/2026');
  await walk.look('published-by-us');
  await walk.go('/ufficio/tariffe');
  await walk.look('tariffs-after');
}

/** Nobody needs to log in; nothing is kept. */
async function theFamilySimulates(walk) {
  const family = await walk.another();
  await family.go('/');
  await family.follow(/^Quanto costa/);
  await family.on('Quanto costa');
  await family.look('simulator');
  await family.follow(SERVICE);
  await family.fill(/^ISEE in euro/, 'otto');
  await family.refused(422, () => family.press('Calcola'));
  await family.look('simulator-wrong');
  await family.fill(/^ISEE in euro/, '8.400');
  await family.press('Calcola');
  await family.sees('È una simulazione.');
  await family.sees('ISEE usato per la prova: 8.400,00 €');
  await family.look('simulator-told');
}

/** The days of October were charged with the old prices: the run has the differences. */
async function runTheMonth(walk) {
  await walk.follow('Bollette', { exact: true });
  await walk.on('Bollette');
  await walk.choose(/^Servizio/, SERVICE);
  await walk.look('bills');
  await walk.press('Prepara la bozza');
  await until(walk, 'Bozza: nessuna famiglia la vede');
  await walk.look('bills-draft');
  await walk.follow(PARENT);
  await walk.sees('erano già stati addebitati');
  await walk.look('bills-draft-payer');
  await walk.follow('Torna alle bollette');
  await walk.press(/^Pubblica \d+ bollette/);
  await until(walk, 'da pagare entro il');
  await walk.look('bills-published');
}

async function theParentReadsWhy(walk) {
  const parent = await walk.another();
  await enterAs(parent, PARENT);
  await parent.go('/area/estratto-conto');
  await parent.follow('Bollette', { exact: true });
  await parent.look('family-bills');
  const bills = await parent.tab.locator('main table a').all();
  await parent.go(await bills[0].getAttribute('href'));
  await parent.on(/^Bolletta \d+\/2026/);
  await parent.tab.locator('main details summary').first().click();
  await parent.sees('Mensa come a Lissone');
  await parent.sees('erano già stati addebitati');
  await parent.look('family-bill');
  // The lines are the bill.
  const lines = await parent.tab.locator('main .panel p strong').allTextContents();
  const total = await parent.tab.locator('main dl.summary dd').first().textContent();
  const sum = lines.reduce((all, line) => all + cents(line), 0);
  parent.holds('the lines are the bill', sum === cents(total), `${lines} and ${total}`);
}
