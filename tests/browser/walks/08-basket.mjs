// A parent pays for two children in one basket: gives up once, lets the time run out once, and reads at
// each moment what is true. Then the receipts are late, and one notice is paid twice.

import { chooseNothing, chooseToPay, enterAs, pdfText } from '../lib/comune.mjs';

/** A family needs no script for any of it. */
export const withoutScripts = true;

/** Who pays for two children at the primary school. */
const PARENT = 'Ferrari Azzurra';
const WAIT = 'Non pagare di nuovo.';

export default async function (walk) {
  await enterAs(walk, PARENT);
  await walk.follow('Nuovo pagamento');
  await walk.on('Nuovo pagamento');
  await chooseNothing(walk);
  // An amount beside an empty box is no payment that silently does not happen.
  await walk.tab.locator('main input[name^="amount-"]').first().fill('41');
  await walk.refused(422, () => walk.press('Continua'));
  await walk.sees('non hai scelto la voce');
  await walk.look('basket-not-ticked');
  await chooseToPay(walk, 0, '41');
  await chooseToPay(walk, 1, '42');
  await walk.press('Continua');
  await walk.on('Paga insieme');
  await walk.sees('83,00');
  await walk.look('basket');

  await walk.press('Paga con pagoPA');
  await walk.on('Pagina di pagamento simulata');
  await walk.sees('83,00');
  await walk.press('Annulla');
  await walk.on('Non hai pagato');
  await walk.sees('non risulta nessun addebito');
  await walk.look('basket-cancelled');

  await walk.press('Riprova');
  await walk.on('Pagina di pagamento simulata');
  await walk.press('Lascia scadere il tempo');
  await walk.on('Il tempo è scaduto');
  await walk.look('basket-timed-out');
  await walk.follow('Torna al sito del Comune');
  await walk.on('Pagamenti');
  const one = walk.tab.locator('main tr', { hasText: '41,00' }).getByRole('link', { name: /^Vedi e paga/ });
  await walk.go(await one.getAttribute('href'));
  await walk.sees('Hai iniziato un pagamento');
  await walk.look('notice-unknown');

  await walk.press('Paga con pagoPA');
  await walk.on('Pagina di pagamento simulata');
  await walk.press(/la ricevuta arriva/);
  await walk.on('In attesa di conferma');
  await walk.sees(WAIT);
  await walk.look('basket-pending');
  await walk.follow('Vai a Pagamenti');
  await walk.sees(WAIT);
  await walk.look('payments-waiting');

  const quietanza = walk.tab.getByRole('link', { name: /^Quietanza \(PDF\)/ }).first();
  const name = (await quietanza.innerText()).trim();
  const text = await pdfText(await walk.download('link', name));
  for (const word of ['Quietanza di pagamento', 'IUV', 'Identificativo della ricevuta', 'SIMULAZIONE']) {
    walk.holds(`the quietanza says “${word}”`, text.includes(word), text);
  }
}
