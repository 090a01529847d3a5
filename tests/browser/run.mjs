// Runs the walks: node run.mjs [--binary FILE] [--only NAME] [--width 390|1280] [--no-js] [--list]
//
// Every walk goes over a demo of its own, at both widths, in one Chromium; as many go side by side as
// the machine has cores. Pictures, downloads and logs stay under target/.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { launch, runWalk } from './lib/browser.mjs';
import { Report } from './lib/report.mjs';
import { Demos } from './lib/server.mjs';
import { SCREENS } from './lib/walk.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const TARGET = path.resolve(HERE, '../../target');
const PHONE = 390;

const { values: options } = parseArgs({
  options: {
    binary: { type: 'string' },
    only: { type: 'string' },
    width: { type: 'string' },
    'no-js': { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

const walks = (await readdir(path.join(HERE, 'walks')))
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => path.basename(file, '.mjs'))
  .filter((name) => !options.only || name.includes(options.only))
  .sort();
if (options.list) {
  console.log(walks.join('\n'));
  process.exit(0);
}

const binary =
  options.binary ??
  ['release', 'debug'].map((kind) => path.join(TARGET, kind, 'campanella')).find(existsSync);
if (!binary) {
  console.error('no executable: run `cargo build` first, or name it with --binary');
  process.exit(2);
}

const report = new Report();
if (walks.length === 0) report.skip('walks', 'there is none of that name');
const scratch = await mkdtemp(path.join(os.tmpdir(), 'campanella-walks-'));
const demos = new Demos(binary, scratch);
const browser = await launch();
try {
  const ways = [];
  for (const name of walks) {
    const walk = await import(pathToFileURL(path.join(HERE, 'walks', `${name}.mjs`)));
    for (const width of options.width ? [Number(options.width)] : Object.keys(SCREENS).map(Number)) {
      // A walk may say that it goes a second time without scripts: on the phone, which needs it most.
      const twice = walk.withoutScripts && width === PHONE;
      for (const script of options['no-js'] ? [false] : twice ? [true, false] : [true]) {
        ways.push(() => one(name, walk, width, script));
      }
    }
  }
  const lane = async () => {
    for (let next = ways.shift(); next; next = ways.shift()) await next();
  };
  await Promise.all(Array.from({ length: Math.min(os.availableParallelism(), 4) }, lane));
} finally {
  await browser.close();
  await rm(scratch, { recursive: true, force: true });
}
process.exitCode = report.close() ? 0 : 1;

async function one(name, walk, width, script) {
  const where = `${name} ${width}${script ? '' : ' no script'}`;
  const begun = performance.now();
  let server;
  try {
    server = await demos.serve(walk.demo);
  } catch (error) {
    report.check(where, 'the demo is served', error.message);
    return;
  }
  try {
    await runWalk(walk.default, {
      browser,
      base: server.base,
      name,
      width,
      script,
      font: 'Titillium Web',
      report,
      target: TARGET,
    });
  } finally {
    const log = path.join(TARGET, 'walk-logs', `${where.replaceAll(' ', '-')}.log`);
    await server.stop(report, where, log);
  }
  console.log(`        ${where}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}
