// One person at one screen. A walk goes from page to page as a person would; at each `look` the
// page is checked and photographed.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { pageChecks } from './page_checks.mjs';

/** Chromium logs what the walk already heard as a response or a failed request. */
const HEARD_ALREADY = /^Failed to load resource/;

export const SCREENS = {
  390: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  1280: { viewport: { width: 1280, height: 900 } },
};

export class Walk {
  /** Playwright's page, for what the helpers below can't do. */
  tab;
  /** 390 or 1280. */
  width;
  /** False where the browser runs without scripts. */
  script;

  #setup;
  #context;
  #faults = [];
  #expected = null;
  #downloading = false;

  static async start(setup) {
    const walk = new Walk();
    walk.#setup = setup;
    walk.width = setup.width;
    walk.script = setup.script;
    walk.#context = await setup.browser.newContext({
      ...SCREENS[setup.width],
      baseURL: setup.base,
      locale: 'it-IT',
      timezoneId: 'Europe/Rome',
      reducedMotion: 'reduce',
      javaScriptEnabled: setup.script,
      acceptDownloads: true,
    });
    walk.#context.setDefaultTimeout(15_000);
    walk.tab = await walk.#context.newPage();
    walk.#listen();
    return walk;
  }

  /** A second person at another machine: cookies of their own, the same pictures and counts. */
  async another() {
    const walk = await Walk.start(this.#setup);
    this.#setup.others.push(walk);
    return walk;
  }

  async close() {
    await this.#context.close();
  }

  #listen() {
    const fault = (text) => this.#faults.push(text);
    this.tab.on('console', (message) => {
      if (message.type() === 'error' && !HEARD_ALREADY.test(message.text())) {
        fault(`console: ${message.text()}`);
      }
    });
    this.tab.on('pageerror', (error) => fault(`script: ${error.message}`));
    this.tab.on('request', (request) => {
      const url = new URL(request.url());
      if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== this.#setup.base) {
        fault(`asks a third party: ${request.url()}`);
      }
    });
    this.tab.on('requestfailed', (request) => {
      const why = request.failure()?.errorText;
      // A navigation that turns into a download is cut off, and so says Chromium.
      if (this.#downloading && why === 'net::ERR_ABORTED') return;
      // The icon belongs to no page's load: Chromium drops it when the page is left first.
      // (A server that fails shows as ERR_CONNECTION_… or as an answer of 400 and more.)
      if (why === 'net::ERR_ABORTED' && /\/favicon\./.test(request.url())) return;
      fault(`request failed: ${request.method()} ${request.url()} (${why})`);
    });
    this.tab.on('response', (response) => {
      if (response.status() < 400) return;
      if (this.#expected?.status === response.status()) {
        this.#expected.seen = true;
        return;
      }
      fault(`answer ${response.status()}: ${response.request().method()} ${response.url()}`);
    });
  }

  // Going about

  /** Types an address. */
  async go(address) {
    await this.tab.goto(address);
  }

  /** Follows the link with this text; a new page comes. */
  async follow(name, options) {
    await this.#turn(this.role('link', name, options));
  }

  /** Presses the button with this text; a new page comes. */
  async press(name, options) {
    await this.#turn(this.role('button', name, options));
  }

  /** Clicks what stays on the page: a box, a summary, a tab. */
  async tap(role, name, options) {
    await this.role(role, name, options).click();
  }

  /** Clicks, and saves the file that comes. Returns its path. */
  async download(role, name, options) {
    this.#downloading = true;
    try {
      const [file] = await Promise.all([
        this.tab.waitForEvent('download'),
        this.role(role, name, options).click(),
      ]);
      const target = path.join(
        this.#setup.downloads,
        `${this.#setup.name}-${this.width}-${file.suggestedFilename()}`,
      );
      await file.saveAs(target);
      this.#note(`downloads ${file.suggestedFilename()}`);
      return target;
    } finally {
      this.#downloading = false;
    }
  }

  async #turn(locator) {
    await Promise.all([this.tab.waitForEvent('load'), locator.click()]);
  }

  // Forms

  /** Types into the field with this label. */
  async fill(label, value) {
    await (await this.labelled(label)).fill(value);
  }

  /** Chooses an option by its text. */
  async choose(label, option) {
    await (await this.labelled(label)).selectOption({ label: option });
  }

  /** Ticks a box or a radio button. */
  async tick(label) {
    // Bootstrap Italia draws the box in its label and moves the real one out of sight.
    await (await this.labelled(label)).check({ force: true });
  }

  /** Chooses files: paths, or `{name, mimeType, buffer}`. */
  async attach(label, files) {
    await (await this.labelled(label)).setInputFiles(files);
  }

  /** The field whose label is this text, or else the only one whose label contains it. */
  async labelled(label) {
    const exact = this.tab.getByLabel(label, { exact: true });
    return (await exact.count()) === 1 ? exact : this.tab.getByLabel(label);
  }

  /** An element by role and name; `within` narrows it to a part of the page. */
  role(role, name, { within, ...options } = {}) {
    return (within ?? this.tab).getByRole(role, { name, ...options });
  }

  // Checks: those on what is seen end the walk when they fail, for what follows builds on them.

  /** Waits until the text can be seen, also over reloads. */
  async sees(text) {
    const place = this.tab.getByText(text).filter({ visible: true }).first();
    await place.waitFor().catch(() => {
      throw new Error(`“${text}” is not on ${this.tab.url()} (“${this.#setup.name}”)`);
    });
    this.#note(`sees “${text}”`);
  }

  /** The h1 is this text. */
  async on(heading) {
    const name = heading instanceof RegExp ? heading : new RegExp(`^\\s*${escape(heading)}\\s*$`, 'i');
    await this.tab.getByRole('heading', { level: 1, name }).waitFor().catch(async () => {
      const h1 = await this.tab.locator('h1').allTextContents();
      throw new Error(`the page should be “${heading}”, but is “${h1.join(' | ').trim()}” (${this.tab.url()})`);
    });
    this.#note(`is on “${heading}”`);
  }

  /** Something that must be true; the walk goes on when it isn't. */
  holds(what, truth, found = 'it does not hold') {
    return this.#setup.report.check(this.#where, what, truth ? undefined : found);
  }

  /** What the page says, as one reads it. */
  async text() {
    return this.tab.locator('main').innerText();
  }

  /** Does something that must be answered with this HTTP status. */
  async refused(status, action) {
    this.#expected = { status, seen: false };
    await action();
    this.holds(`is answered with ${status}`, this.#expected.seen, 'another answer came');
    this.#expected = null;
  }

  /** Looks at the page: checks it, and takes a picture of it. */
  async look(name) {
    await this.tab.evaluate(() => document.fonts.ready.then(() => undefined));
    const checks = await pageChecks(this.tab, this.#setup);
    checks.push(['quiet', this.#faults.splice(0).join('\n') || undefined]);
    const number = String((this.#setup.pictures.count += 1)).padStart(2, '0');
    await mkdir(this.#setup.pictures.folder, { recursive: true });
    await this.tab.screenshot({
      path: path.join(this.#setup.pictures.folder, `${number}-${name}.png`),
      fullPage: true,
      animations: 'disabled',
    });
    const faults = checks
      .filter(([, fault]) => fault !== undefined)
      .map(([check, fault]) => ({ name: check, fault }));
    const { pathname } = new URL(this.tab.url());
    this.#setup.report.page(this.#where, `${number} ${name} · ${pathname}`, faults, checks.length);
  }

  /** For the end: faults that came after the last look. */
  rest() {
    const faults = this.#faults.splice(0);
    if (faults.length > 0) this.#setup.report.check(this.#where, 'quiet to the end', faults.join('\n'));
  }

  /** A picture of where a walk broke off. */
  async brokeOff() {
    await mkdir(this.#setup.pictures.folder, { recursive: true });
    const file = path.join(this.#setup.pictures.folder, 'broke-off-here.png');
    await this.tab.screenshot({ path: file, fullPage: true });
    return file;
  }

  get #where() {
    return `${this.#setup.name} ${this.width}${this.script ? '' : ' no script'}`;
  }

  #note(what) {
    this.#setup.report.check(this.#where, what);
  }
}

function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
