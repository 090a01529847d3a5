// Do the walks find what they are there to find? Small bad pages, each with one fault.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

import { launch, runWalk } from './lib/browser.mjs';
import { Report } from './lib/report.mjs';
import { SCREENS } from './lib/walk.mjs';

const page = (body, { title = 'Pagina', lang = 'it' } = {}) =>
  `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><title>${title}</title>
   <meta name="viewport" content="width=device-width, initial-scale=1">
   <link rel="icon" href="data:,"><style>button, input, select { font-size: 16px }</style></head><body><main>${body}</main></body></html>`;

const good = `<h1>Buongiorno</h1><p>Tutto bene.</p><p><a href="/vai">Avanti</a></p>
  <p><a href="/file">Scarica</a></p>
  <form method="post" action="/invia"><label for="n">Nome *</label> <input id="n" name="n">
  <label for="c">Classe</label> <select id="c" name="c"><option>1A</option><option>2B</option></select>
  <label><input type="checkbox" name="s"> Accetto</label> <button>Invia</button></form>`;

/** A family's page in the dress that family_checks.mjs asks for; `without` leaves a part of it out. */
const family = (main, { title = 'Pagina', without = '' } = {}) => {
  const part = (name, html) => (without === name ? '' : html);
  return `<!doctype html><html lang="it"><head><meta charset="utf-8"><title>${title}</title>
   <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><style>
   button { font-size: 16px } a, button { display: inline-block; min-width: 44px; min-height: 44px } p a { display: inline; min-height: 0 }
   .form-control { display: block; border: 0; border-bottom: 2px solid; min-height: 44px; font-size: 16px }
   </style></head><body class="side-family">
   <header>${part('frame', '<span class="brand-crest"><svg width="20" height="20"></svg></span>')}<span class="brand-name">Comune</span></header>
   ${part('breadcrumb', '<nav class="breadcrumb-container" aria-label="Percorso"><ol><li aria-current="page">Qui</li></ol></nav>')}
   <main><h1>Titolo</h1>${main}</main>
   ${part('contacts', '<section data-element="contacts" aria-label="Contatti"><a href="/vai">Chiama</a></section>')}
   <footer>${part('privacy', '<a href="/vai" data-element="privacy-policy-link">Privacy</a>')} <a href="/vai" data-element="accessibility-link">Accessibilità</a></footer>
   </body></html>`;
};
const field = '<label for="n">Nome</label><input class="form-control" id="n" name="n">';
const starred = '<label for="n">Nome <span class="field-star">*</span></label><input class="form-control" id="n" name="n">';

const PAGES = {
  '/famiglia': family(`<p>Il 03/11/2026 hai pagato 12,60&nbsp;€: <a href="/vai">vedi</a>.</p><form><p class="required-note">Asterisco.</p>${starred}<button class="btn-primary">Invia</button></form>`),
  '/famiglia/primari': family('<button class="btn-primary">Uno</button> <button class="btn-primary">Due</button>'),
  '/famiglia/bersaglio': family('<p><a href="/vai">Avanti</a></p>'),
  '/famiglia/asterisco': family(`<form>${starred}</form>`),
  '/famiglia/testo': family('<p style="font-size:15px">Un poco piccolo.</p>'),
  '/famiglia/data': family('<p>Il 2026-11-03.</p>'),
  '/famiglia/importo': family('<p>Paghi 12,5 €.</p>'),
  '/famiglia/errore': family('<p>Nessun riquadro.</p>', { title: 'Errore: pagina' }),
  '/famiglia/accanto': family('<div style="display:flex"><input class="form-control" id="n"><label for="n">Nome</label></div>'),
  '/famiglia/senza-riga': family(field.replace('<input', '<input style="border:0"')),
  '/famiglia/senza-fuoco': family('<button class="btn-primary" style="outline:0">Invia</button>'),
  '/famiglia/senza-stemma': family('', { without: 'frame' }),
  '/famiglia/senza-percorso': family('', { without: 'breadcrumb' }),
  '/famiglia/senza-contatti': family('', { without: 'contacts' }),
  '/famiglia/senza-privacy': family('', { without: 'privacy' }),
  '/': page(good),
  '/vai': page('<h1>Arrivati</h1>'),
  '/axe': page('<h1>Foto</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=" width="9" height="9">'),
  '/contrasto': page('<h1>Titolo</h1><p style="color:#bbb">Non si legge.</p>'),
  '/largo': page('<h1>Largo</h1><div style="width:1500px">Troppo.</div>'),
  '/largo-320': page('<h1>Largo</h1><div style="width:350px">Un poco troppo.</div>'),
  '/console': page('<h1>Rotto</h1><script>console.error("qualcosa non va")</script>'),
  '/script': page('<h1>Rotto</h1><script>questo.non.esiste()</script>'),
  '/immagine': page('<h1>Manca</h1><img alt="" src="/nessuna.png">'),
  '/terzi': page('<h1>Terzi</h1><img alt="" src="http://example.invalid/pixel.png">'),
  '/due-h1': page('<h1>Uno</h1><h1>Due</h1>'),
  '/senza-titolo': page('<h1>Titolo</h1>', { title: '' }),
  '/inglese': page('<h1>Titolo</h1>', { lang: 'en' }),
  '/piccolo': page('<h1>Titolo</h1><p style="font-size:11px">Piccolissimo.</p>'),
};

/** Address → the checks that must fail there at 390 px. */
const FAULTS = {
  '/famiglia': [],
  '/famiglia/primari': ['one primary button'],
  '/famiglia/bersaglio': ['targets'],
  '/famiglia/asterisco': ['required line'],
  '/famiglia/testo': ['body text'],
  '/famiglia/data': ['dates'],
  '/famiglia/importo': ['amounts'],
  '/famiglia/errore': ['errors'],
  '/famiglia/accanto': ['labels above'],
  '/famiglia/senza-riga': ['underlined'],
  '/famiglia/senza-fuoco': ['focus ring'],
  '/famiglia/senza-stemma': ['frame'],
  '/famiglia/senza-percorso': ['breadcrumb'],
  '/famiglia/senza-contatti': ['contact card'],
  '/famiglia/senza-privacy': ['footer links'],
  '/': [],
  '/axe': ['axe'],
  '/contrasto': ['axe'],
  '/largo': ['fits 390 px', 'fits 320 px'],
  '/largo-320': ['fits 320 px'],
  '/console': ['quiet'],
  '/script': ['quiet'],
  '/immagine': ['quiet'],
  '/terzi': ['quiet'],
  '/errore': ['quiet'],
  '/due-h1': ['one h1'],
  '/senza-titolo': ['axe', 'title'],
  '/inglese': ['language'],
  '/piccolo': ['text size'],
};

const server = http.createServer((request, response) => {
  const html = (status, body) => response.writeHead(status, { 'content-type': 'text/html' }).end(body);
  if (request.method === 'POST') {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => html(200, page(`<h1>Ricevuto</h1><p>${new URLSearchParams(body)}</p>`)));
  } else if (request.url === '/file') {
    response
      .writeHead(200, { 'content-type': 'text/plain', 'content-disposition': 'attachment; filename="ciao.txt"' })
      .end('ciao');
  } else if (request.url === '/errore') {
    html(500, page('<h1>Errore</h1>'));
  } else {
    html(PAGES[request.url] ? 200 : 404, PAGES[request.url] ?? page('<h1>Non trovata</h1>'));
  }
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${server.address().port}`;
const target = await mkdtemp(path.join(os.tmpdir(), 'campanella-selftest-'));
const browser = await launch();

/** What is reported of a walk. */
async function reported(way, { width = 390, script = true } = {}) {
  const report = new Report({ quiet: true });
  await runWalk(way, { browser, base, name: 'selftest', width, script, font: null, report, target });
  return report;
}

const results = new Report();
async function test(what, body) {
  let fault;
  await body().catch((error) => (fault = error.stack));
  results.check('self-test', what, fault);
}

try {
  for (const [address, faults] of Object.entries(FAULTS)) {
    await test(`${address} has ${faults.join(', ') || 'no fault'}`, async () => {
      const report = await reported(async (walk) => {
        await walk.go(address);
        await walk.look('pagina');
      });
      const found = report.failures.map(({ what }) => what.split(' · ').at(-1));
      assert.deepEqual(found.sort(), [...faults].sort(), JSON.stringify(report.failures, null, 1));
    });
  }
  for (const width of Object.keys(SCREENS).map(Number)) {
    for (const script of [true, false]) {
      await test(`a whole way at ${width} px, ${script ? 'with' : 'without'} scripts`, async () => {
        const report = await reported(async (walk) => {
          await walk.go('/');
          await walk.on('Buongiorno');
          await walk.look('inizio');
          await walk.fill('Nome', 'Ada');
          await walk.choose('Classe', '2B');
          await walk.tick('Accetto');
          await walk.press('Invia');
          await walk.on('Ricevuto');
          await walk.sees('n=Ada&c=2B&s=on');
          await walk.go('/');
          await walk.follow('Avanti');
          await walk.on('Arrivati');
          await walk.refused(404, () => walk.go('/nessuna'));
          await walk.go('/');
          const file = await walk.download('link', 'Scarica');
          walk.holds('the file is whole', (await readFile(file, 'utf8')) === 'ciao');
        }, { width, script });
        assert.deepEqual(report.failures, []);
        assert.ok(report.passed > 10);
      });
    }
  }
  await test('a missing text ends the walk and is reported', async () => {
    const report = await reported(async (walk) => {
      walk.tab.setDefaultTimeout(300);
      await walk.go('/');
      await walk.sees('Questo non c’è');
    });
    assert.match(report.failures[0].fault, /Questo non c’è/);
  });
  await test('a refusal that does not come is reported', async () => {
    const report = await reported((walk) => walk.refused(403, () => walk.go('/')));
    assert.equal(report.failures.length, 1);
  });
  await test('a fault after the last look is reported', async () => {
    const report = await reported((walk) => walk.go('/errore'));
    assert.equal(report.failures[0].what, 'quiet to the end');
  });
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
  await rm(target, { recursive: true, force: true });
}
process.exitCode = results.close() ? 0 : 1;
