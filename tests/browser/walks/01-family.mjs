// The manual, from the login to the office's answer: one child from the application to the enrolment.

import { readFile } from 'node:fs/promises';

import { enterAs, enterOffice, pdfText } from '../lib/comune.mjs';

/** A parent whose child, five years old, does not eat at school yet: what the father asked for was refused. */
const PARENT = 'Serra Camilla';
const CHILD = /Gatti Marco/;

const PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
    '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
);

/** A family needs no script for any of it. */
export const withoutScripts = true;

export default async function (walk) {
  await walk.go('/');
  await walk.on('Area riservata');
  await walk.look('public-page');
  await enterAs(walk, PARENT, { look: true });

  await myData(walk);
  await startApplication(walk);
  await sixSteps(walk);
  const number = await sent(walk);

  const office = await walk.another();
  await decide(office, number);

  await outcome(walk, number);
}

async function myData(walk) {
  await walk.go('/area');
  await walk.look('home');
  await walk.follow(/^I miei dati/);
  await walk.on('I miei dati');
  await walk.look('my-data');
  await walk.fill('CAP', '56017');
  await walk.fill('Telefono', '333 555 0199');
  await walk.press('Salva');
  await walk.sees('Dati salvati.');
  await walk.look('my-data-saved');
}

async function startApplication(walk) {
  await walk.go('/area');
  await walk.follow('Nuova domanda per i servizi scolastici');
  await walk.on('Nuova domanda');
  for (const column of ['Avviso', 'Descrizione estesa', 'Inizia dal', 'Scade il', 'Stato']) {
    const heads = await walk.tab.locator('thead th', { hasText: column }).count();
    walk.holds(`the calls have the column “${column}”`, heads > 0);
  }
  await walk.look('calls');

  await walk.follow(/^Iscrizione alla refezione scolastica/);
  await walk.look('call');
  await walk.follow('Informativa sulla privacy');
  await walk.look('legal-text');
  await walk.follow('Torna all’avviso');
  await walk.follow('+ Nuova domanda');
  await walk.on('Prima di iniziare');
  await walk.look('begin');
  await walk.refused(422, () => walk.press('Inizia la domanda'));
  await walk.sees('Leggi l’informativa sulla privacy e conferma la presa visione.');
  await walk.look('begin-unread');
  await walk.tick('Ho letto e compreso l’informativa sulla privacy');
  await walk.press('Inizia la domanda');
}

/** The fixed label of a step is its h2. */
async function onStep(walk, label) {
  await walk.role('heading', label, { level: 2, exact: true }).waitFor();
}

async function sixSteps(walk) {
  await onStep(walk, 'Step 1 – Dati del richiedente');
  await walk.look('step-1');
  await walk.refused(422, () => walk.press('Salva e continua'));
  await walk.sees('Scegli per chi è la domanda.');
  await walk.look('step-1-errors');
  await walk.tick(CHILD);
  await walk.tick('Genitore');
  await walk.press('Salva e continua');

  await onStep(walk, 'Step 2 – Dati alunno utente');
  await walk.sees('Marco');
  await walk.look('step-2');
  await walk.press('Salva e continua');

  await onStep(walk, 'Step 3 – Dati obbligatori');
  await walk.look('step-3');
  await walk.choose('Scuola e classe', 'Scuola dell’infanzia Gianni Rodari, Blu');
  await walk.choose('Dieta speciale', 'Senza carne di maiale (D05)');
  await walk.tick('Autorizzo il Comune ad acquisire il mio ISEE dall’INPS');
  await walk.fill('Valore ISEE', '12.345,67');
  await walk.fill('Altri sconti', 'Da marzo lavora uno solo di noi due.');
  await walk.press('Salva bozza');
  await walk.sees('Bozza salvata alle');
  await walk.look('step-3-draft-saved');

  await leaveAndComeBack(walk);
  await walk.press('Salva e continua');

  await onStep(walk, 'Step 4 – Dichiarazioni');
  for (const text of await walk.tab.locator('main details > summary').all()) await text.click();
  await walk.look('step-4');
  await walk.sees('Hai confermato di averla letta e compresa');
  await walk.tick('Ho letto e accetto le condizioni generali del servizio');
  await walk.press('Salva e continua');

  await onStep(walk, 'Step 5 – Documenti');
  await walk.look('step-5');
  await walk.attach('Aggiungi un documento', {
    name: 'dichiarazione.pdf',
    mimeType: 'application/pdf',
    buffer: Buffer.from('Questo è un testo.\n'),
  });
  await walk.refused(422, () => walk.press('Allega e resta qui'));
  await walk.sees('Il file “dichiarazione.pdf” è un file di testo, non un PDF');
  await walk.look('step-5-refused');
  await walk.attach('Aggiungi un documento', {
    name: 'certificato.pdf',
    mimeType: 'application/pdf',
    buffer: PDF,
  });
  await walk.press('Allega e resta qui');
  await walk.sees('Documento allegato.');
  await walk.look('step-5-attached');
  await walk.press('Salva e continua');

  await onStep(walk, 'Step 6 – Invio richiesta');
  await walk.sees('12.345,67');
  await walk.sees('Senza carne di maiale');
  await walk.sees('certificato.pdf');
  await walk.look('step-6');
}

/** What was saved is there again, reached through the drafts of the call. */
async function leaveAndComeBack(walk) {
  await walk.go('/area/domande/nuova');
  await walk.sees('Domande in bozza');
  await walk.look('calls-with-draft');
  await walk.follow(/^Bozza per .*Marco/);
  await onStep(walk, 'Step 3 – Dati obbligatori');
  const value = await (await walk.labelled('Valore ISEE')).inputValue();
  walk.holds('the draft kept the ISEE value', value === '12.345,67', value);
}

async function sent(walk) {
  await walk.press('Invia la richiesta');
  await walk.on(/Domanda inviata/);
  const row = walk.tab.locator('.summary-row').filter({ has: walk.tab.getByText('Numero', { exact: true }) });
  const number = (await row.locator('dd').first().innerText()).trim();
  walk.holds('the application has a number', /\d/.test(number), number);
  await walk.look('confirmation');

  const receipt = await walk.download('link', /^Scarica la ricevuta/);
  const start = (await readFile(receipt)).subarray(0, 5).toString();
  walk.holds('the receipt is a PDF', start === '%PDF-', start);
  const text = await pdfText(receipt);
  walk.holds('the receipt names the application', text.includes(number), text);

  await walk.follow('Torna all’elenco');
  await walk.on('Nuova domanda');
  await walk.follow('Vai alle domande inviate');
  await walk.on('Domande inviate');
  await walk.sees('In esame');
  await walk.look('sent');
  await walk.follow(number);
  await walk.look('sent-one');
  const fields = await walk.tab.locator('main input:not([type=hidden]), main select, main textarea').count();
  walk.holds('nothing of it can be changed', fields === 0, `${fields} fields`);
  return number;
}

async function decide(office, number) {
  await enterOffice(office, 'ufficio', { look: true });
  await office.on('Oggi');
  await office.look('office-today');
  await office.follow('Domande', { exact: true });
  await office.on('Domande');
  await office.look('office-intake');
  await office.fill('Nome, codice fiscale o numero', number);
  await office.press('Filtra');
  await office.look('office-intake-found');
  await office.follow(number);
  await office.sees('Che cosa chiede');
  await office.look('office-application');

  await office.tab.getByText('Registra un ISEE').click();
  await office.fill('Valore in euro', '12.345,67');
  await office.fill('Protocollo della DSU', 'INPS-ISEE-2026-01234567');
  await office.fill('Valido dal', '2026-02-01');
  await office.look('office-isee');
  await office.press('Registra l’ISEE');
  await office.sees('ISEE registrato.');

  // Health data only on request, and only whoever has seen the diet can confirm it.
  await office.follow('guarda se è chiesta una dieta');
  await office.look('office-diet');
  await office.tick(/^Confermo la dieta/);
  await office.fill('Nota per la famiglia', 'Il primo giorno portate una borraccia.');
  await office.press('Accogli la domanda');
  await office.sees('Domanda accolta');
  await office.look('office-accepted');
}

async function outcome(walk, number) {
  await walk.go('/area');
  await walk.sees('messaggi');
  await walk.look('home-with-message');
  await walk.follow('Domande inviate');
  await walk.sees('Accolta');
  await walk.follow(number);
  await walk.sees('Domanda accolta');
  await walk.sees('vale da');
  await walk.sees('Il primo giorno portate una borraccia.');
  await walk.look('accepted');

  await walk.go('/area');
  await walk.follow(/^Comunicazioni/);
  await walk.on('Comunicazioni');
  await walk.sees('borraccia');
  await walk.look('messages');
  await walk.fill('Il tuo messaggio', 'Grazie, a lunedì!');
  await walk.press('Invia il messaggio');
  await walk.sees('Messaggio inviato');
  await walk.sees('Grazie, a lunedì!');
  await walk.look('messages-answered');
}
