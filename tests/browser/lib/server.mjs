// The real executable on a demo of its own: the comune is made once, each walk gets a copy.

import { spawn } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/;
const PATIENCE_MS = 120_000;
/** A school day's morning, before the cut-off: no walk depends on the day on which it runs. */
const MORNING = '2026-11-03T08:00';

export class Demos {
  #binary;
  #folder;
  #made = new Map();
  #copies = 0;

  constructor(binary, folder) {
    this.#binary = binary;
    this.#folder = folder;
  }

  /** Serves a fresh copy of the demo with these settings. */
  async serve({ clock = MORNING, families = 40 } = {}) {
    const options = ['--clock', clock, '--families', String(families)];
    const key = options.join(' ');
    // The promise is kept, so that walks side by side wait for the same demo.
    if (!this.#made.has(key)) this.#made.set(key, this.#make(options, this.#made.size + 1));
    const made = await this.#made.get(key);
    const data = path.join(this.#folder, `copy-${(this.#copies += 1)}`);
    await cp(made, data, { recursive: true });
    await cp(`${made}.key`, `${data}.key`);
    return Server.start(this.#binary, data, options);
  }

  async #make(options, number) {
    await mkdir(this.#folder, { recursive: true });
    const data = path.join(this.#folder, `comune-${number}`);
    const made = await run(this.#binary, ['demo', '--data', data, '--no-serve', ...options]);
    if (made.code !== 0) throw new Error(`the demo can't be made (${made.code}):\n${made.output}`);
    return data;
  }
}

class Server {
  /** Where it listens. */
  base;
  #binary;
  #data;
  #process;
  #log = '';
  #ended;

  static async start(binary, data, options) {
    const server = new Server();
    server.#binary = binary;
    server.#data = data;
    await server.#listen(['demo', '--data', data, '--bind', '127.0.0.1:0', ...options]);
    return server;
  }

  #listen(args) {
    this.#process = spawn(this.#binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#ended = new Promise((resolve) => this.#process.once('exit', resolve));
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#process.kill();
        reject(new Error(`no address after ${PATIENCE_MS} ms:\n${this.#log}`));
      }, PATIENCE_MS);
      const hear = (chunk) => {
        this.#log += chunk;
        const found = ADDRESS.exec(this.#log);
        if (found && !this.base) {
          this.base = found[0];
          clearTimeout(late);
          resolve();
        }
      };
      this.#process.stdout.on('data', hear);
      this.#process.stderr.on('data', hear);
      this.#process.once('error', reject);
      this.#process.once('exit', (code) => {
        clearTimeout(late);
        reject(new Error(`the server ended with ${code}:\n${this.#log}`));
      });
    });
  }

  /** Stops it as a service manager does, and checks what it leaves behind. */
  async stop(report, where, logFile) {
    this.#process.kill('SIGTERM');
    const code = await this.#ended;
    await mkdir(path.dirname(logFile), { recursive: true });
    await writeFile(logFile, this.#log);
    report.check(where, 'the server stops when told', code === 0 ? undefined : `exit ${code}, see ${logFile}`);
    const bad = this.#log.split('\n').filter((line) => /\bERROR\b|panicked/.test(line));
    report.check(where, 'no error in the log', bad.length === 0 ? undefined : bad.slice(0, 5).join('\n'));
    const check = await run(this.#binary, ['check', '--data', this.#data]);
    report.check(where, 'campanella check', check.code === 0 ? undefined : check.output);
  }
}

function run(binary, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}
