// What was checked: one line each, counted.

export class Report {
  passed = 0;
  failures = [];
  skipped = [];
  #quiet;

  /** @param {{quiet?: boolean}} options quiet: count, print nothing (for the self-test) */
  constructor({ quiet = false } = {}) {
    this.#quiet = quiet;
  }

  /** Notes one check; `fault` is what was found instead, or nothing. */
  check(where, what, fault) {
    if (fault === undefined) {
      this.passed += 1;
      this.say(`  ok    ${where}  ${what}`);
    } else {
      this.failures.push({ where, what, fault });
      this.say(`  FAIL  ${where}  ${what}\n        ${String(fault).replaceAll('\n', '\n        ')}`);
    }
    return fault === undefined;
  }

  /** Notes the checks of one page: a line for the page, and one for each fault. */
  page(where, what, faults, checks) {
    this.passed += checks - faults.length;
    if (faults.length === 0) this.say(`  ok    ${where}  ${what} · ${checks} checks`);
    for (const { name, fault } of faults) {
      this.failures.push({ where, what: `${what} · ${name}`, fault });
      this.say(`  FAIL  ${where}  ${what} · ${name}\n        ${fault.replaceAll('\n', '\n        ')}`);
    }
  }

  skip(what, why) {
    this.skipped.push({ what, why });
    this.say(`  skip  ${what}: ${why}`);
  }

  say(line) {
    if (!this.#quiet) console.log(line);
  }

  /** The closing line. */
  close() {
    this.say(
      `${this.passed} passed, ${this.failures.length} failed, ${this.skipped.length} skipped`,
    );
    return this.failures.length === 0;
  }
}
