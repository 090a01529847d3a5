// What is refused is said kindly: wrong addresses, strangers, wrong passwords, faulty forms.

import { enterAs } from '../lib/comune.mjs';

export default async function (walk) {
  await walk.refused(404, () => walk.go('/non-esiste'));
  await walk.on('Pagina non trovata');
  await walk.look('not-found');

  await stranger(walk);
  await wrongPassword(walk);
  await faultyForm(walk);
}

/** Who is not logged in is led to the login, and from there to the page that was asked for. */
async function stranger(walk) {
  await walk.go('/area/dati');
  await walk.on('Area riservata');
  await walk.look('stranger');
  await walk.go('/ufficio/domande');
  await walk.sees('Nome utente');
  await walk.look('stranger-at-the-office');
}

async function wrongPassword(walk) {
  await walk.fill('Nome utente', 'ufficio');
  await walk.fill('Password', 'sbagliata');
  await walk.refused(422, () => walk.press('Entra', { exact: true }));
  await walk.sees('Nome utente o password non corretti.');
  await walk.look('wrong-password');
}

async function faultyForm(walk) {
  await enterAs(walk, 'Ferrari Azzurra', { landsOn: 'I miei dati' });
  await walk.fill('CAP', '56');
  await walk.fill('Indirizzo', 'Via Nuova 7');
  await walk.refused(422, () => walk.press('Salva'));
  await walk.sees('Il CAP ha 5 cifre, per esempio 56017.');
  const title = await walk.tab.title();
  walk.holds('the title says that something is wrong', title.startsWith('Errore:'), title);
  const kept = await (await walk.labelled('Indirizzo')).inputValue();
  walk.holds('what was typed is kept', kept === 'Via Nuova 7', kept);
  await walk.look('faulty-form');
  // A family is a stranger at the office.
  await walk.go('/ufficio');
  await walk.sees('Nome utente');
}
