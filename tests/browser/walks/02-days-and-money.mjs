// A family's days at school and its money: a meal cancelled, the register, the day's charges, a top-up,
// the attestation. What is printed is compared with what the pages say.

import { cents, chooseNothing, chooseToPay, enterAs, enterOffice, menuLeadsSomewhere, pdfText } from '../lib/comune.mjs';

/** Who pays for two children at the primary school; one of them is in 3A. */
const PARENT = 'Ferrari Azzurra';
const YEAR = 2026;
const TOP_UP = '25,00';

/** A family needs no script for any of it. */
export const withoutScripts = true;

export default async function (walk) {
  await enterAs(walk, PARENT);
  await walk.look('home');

  await cancelAndRestore(walk);
  await keepRegister(await walk.another());
  await closeDay(await walk.another());

  await presences(walk);
  const before = await statement(walk);
  await topUp(walk);
  await credited(walk, before);
  await notice(walk);
  const paid = await payments(walk);
  await attestation(walk, paid);

  await walk.go('/area');
  await walk.press(/Esci/, { within: walk.tab.locator('main') });
  await walk.on('Area riservata');
  await walk.look('left');
  await walk.go('/area');
  walk.holds('the area is closed again', !new URL(walk.tab.url()).pathname.startsWith('/area'), walk.tab.url());
}

async function cancelAndRestore(walk) {
  await walk.follow('Disdici un pasto');
  await walk.on('Disdici un pasto');
  await walk.look('meals');
  await walk.refused(422, () => walk.press('Disdici i giorni scelti'));
  await walk.look('meals-nothing-chosen');
  await walk.tab.locator('main input[name=day]').first().check({ force: true });
  await walk.press('Disdici i giorni scelti');
  await walk.on(/Disdetta registrata/);
  const number = await walk.tab.locator('main td .mono').first().innerText();
  walk.holds('the cancellation has a number', /\d/.test(number), number);
  await walk.look('meals-cancelled');

  await walk.follow('Disdici altri giorni');
  await walk.sees(number);
  await walk.look('meals-with-cancelled');
  await walk.press(/^Ripristina/);
  await walk.sees('è di nuovo prenotato.');
  await walk.look('meals-restored');
}

async function keepRegister(teacher) {
  await enterOffice(teacher, 'collodi');
  await teacher.on('Registro delle presenze');
  await teacher.look('register-classes');
  await menuLeadsSomewhere(teacher);
  await teacher.follow(/^3A/);
  await teacher.look('register');
  const row = teacher.tab.locator('.register-row').first();
  await row.locator('label').click();
  const absent = !(await row.locator('input').isChecked());
  teacher.holds('a tap marks a child absent', absent);
  await teacher.press('Conferma');
  await teacher.sees(/Registro salvato: presenti \d+, assenti 1\./);
  await teacher.look('register-saved');
}

async function closeDay(office) {
  await enterOffice(office, 'ufficio');
  await menuLeadsSomewhere(office);
  await office.go('/ufficio/giornate');
  await office.on('Giornate');
  await office.look('days');
  await office.follow(/^Chiudi la giornata di .*Refezione scolastica/);
  await office.on('Chiudi la giornata');
  await office.look('day-preview');
  await office.press('Chiudi la giornata');
  await office.sees('La giornata è chiusa');
  await office.look('day-closed');
}

async function presences(walk) {
  await walk.go('/area');
  await walk.follow('Presenze');
  await walk.on('Presenze');
  await walk.look('presences');
  await walk.follow('Mese precedente');
  await walk.sees(/ottobre 2026/i);
  await walk.look('presences-october');
}

/** Opens the statement and the explanation of its newest charge. Returns what was paid in all, in cents. */
async function statement(walk) {
  await walk.go('/area');
  await walk.follow('Estratto conto');
  await walk.on('Estratto conto');
  await walk.look('statement');
  const paid = await paidInAll(walk);
  await walk.tab.getByRole('link', { name: /^Perché questo importo\?/ }).first().click();
  await walk.on('Perché questo importo');
  await walk.sees('Importo addebitato:');
  await walk.look('charge');
  return paid;
}

/** “Addebitato …, versato …”: the last panel sums up all accounts. */
async function paidInAll(walk) {
  const totals = await walk.tab.getByText(/^Addebitato .*, versato /).last().innerText();
  return cents(totals.split('versato')[1]);
}

async function topUp(walk) {
  await walk.go('/area');
  await walk.follow('Nuovo pagamento');
  await walk.on('Nuovo pagamento');
  await walk.look('new-payment');
  await chooseNothing(walk);
  await walk.refused(422, () => walk.press('Continua'));
  await walk.look('new-payment-errors');
  await chooseToPay(walk, 0, TOP_UP);
  await walk.press('Continua');
  await walk.on('Avviso di pagamento');
  await walk.look('notice');
  await walk.press('Paga con pagoPA');
  await walk.on('Pagina di pagamento simulata');
  await walk.look('sandbox');
  await walk.press('Annulla');
  await walk.on('Non hai pagato');
  await walk.look('payment-cancelled');
  await walk.press('Riprova');
  await walk.on('Pagina di pagamento simulata');
  await walk.press('Paga con carta');
  await walk.on('Pagamento ricevuto');
  await walk.look('payment-received');
}

async function credited(walk, before) {
  await walk.follow('Vai all’estratto conto');
  await walk.on('Estratto conto');
  const after = await paidInAll(walk);
  walk.holds('the top-up is in the statement', after - before === cents(TOP_UP), `${before} → ${after}`);
  await walk.sees('Pagamento pagoPA per');
  await walk.look('statement-credited');
}

/** A notice to be paid elsewhere, from "Come pagare". */
async function notice(walk) {
  await walk.go('/area/pagamenti/nuovo');
  await chooseNothing(walk);
  await chooseToPay(walk, 1, '30');
  await walk.press('Continua');
  const number = (await walk.tab.locator('main dd.mono').first().innerText()).trim();
  await walk.go('/area');
  await walk.follow('Come pagare');
  await walk.on('Come pagare');
  await walk.sees(number);
  await walk.look('how-to-pay');
  // A bill of the school bus may wait there too.
  const named = new RegExp(`^Scarica l’avviso.*${number.trim().replaceAll(/\s+/g, '\\s+')}`);
  const text = await pdfText(await walk.download('link', named));
  walk.holds('the notice shows its number', text.includes(number), text);
  walk.holds('the notice shows its amount', text.includes('30,00'), text);
}

/** Reads "Pagamenti". Returns the year's sums in cents: traceable, and in cash. */
async function payments(walk) {
  await walk.go('/area');
  await walk.follow('Pagamenti', { exact: true });
  await walk.on('Pagamenti');
  await walk.look('payments');
  const rows = walk.tab.getByRole('table', { name: 'Pagamenti ricevuti' }).locator('tbody tr');
  const sums = { traceable: 0, cash: 0 };
  for (const cells of await rows.evaluateAll((all) => all.map((tr) => [...tr.cells].map((td) => td.textContent.trim())))) {
    const [day, , amount, , means] = cells;
    if (!day.endsWith(`/${YEAR}`)) continue;
    sums[/contanti/i.test(means) ? 'cash' : 'traceable'] += cents(amount);
  }
  walk.holds('there are payments of the year', sums.traceable > 0);
  return sums;
}

/** Law: only what was paid by traceable means is attested; what was paid in cash is named apart. */
async function attestation(walk, paid) {
  await walk.go('/area');
  await walk.follow('Stampa attestazione pagamenti');
  await walk.on('Stampa attestazione pagamenti');
  await walk.look('attestations');
  await walk.press(`Prepara l’attestazione ${YEAR}`);
  await walk.sees(`Attestazione ${YEAR} pronta`);
  await walk.look('attestation-ready');
  const text = await pdfText(await walk.download('link', `Scarica l’attestazione ${YEAR} (PDF)`));
  const sum = (line) => [...text.matchAll(line)].reduce((total, [, amount]) => total + cents(amount), 0);
  const traceable = sum(/^\s*A\s+Pagato con strumenti tracciabili.*?([\d.]+,\d\d)/gm);
  const cash = sum(/^\s*B\s+Pagato in altro modo.*?([\d.]+,\d\d)/gm);
  walk.holds('the attestation equals the payments', traceable === paid.traceable, `${traceable} for ${paid.traceable}`);
  walk.holds('the attestation names what was paid in cash', cash === paid.cash, `${cash} for ${paid.cash}`);
}
