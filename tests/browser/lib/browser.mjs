// Chromium, once for all walks; and one walk in it.

import { access, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { chromium } from 'playwright-core';

import { Walk } from './walk.mjs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Nothing but this machine is ever asked for.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/** The browser of this machine, or the one that the variable CHROMIUM names. */
export async function launch() {
  for (const executablePath of process.env.CHROMIUM ? [process.env.CHROMIUM] : PLACES) {
    try {
      await access(executablePath);
    } catch {
      continue;
    }
    return chromium.launch({ executablePath, args: FLAGS });
  }
  throw new Error('no Chromium: install it (Debian: apt-get install chromium) or name it in CHROMIUM');
}

/**
 * Runs one walk at one width. What goes wrong is in the report.
 * @param way the walk's function
 * @param setup browser, base, name, width, script, font, report, target (the folder for what it leaves)
 */
export async function runWalk(way, setup) {
  const { name, width, script, report, target } = setup;
  const folder = path.join(target, 'screenshots', `${width}${script ? '' : '-no-script'}`, name);
  const downloads = path.join(target, 'downloads');
  await rm(folder, { recursive: true, force: true });
  await mkdir(downloads, { recursive: true });
  const others = [];
  const walk = await Walk.start({ ...setup, others, downloads, pictures: { folder, count: 0 } });
  try {
    await way(walk);
    for (const one of [walk, ...others]) one.rest();
  } catch (error) {
    const picture = await walk.brokeOff().catch(() => 'no picture');
    report.check(`${name} ${width}`, 'goes to its end', `${error.stack}\n${picture}`);
    for (const one of [walk, ...others]) one.rest();
  } finally {
    for (const one of [walk, ...others]) await one.close();
  }
}
