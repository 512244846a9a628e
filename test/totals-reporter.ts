import { appendFileSync } from 'node:fs';
import { type MochaOptions, type Runner, reporters } from 'mocha';

/**
 * Mocha's own report, and under it one line that says it all. The file that MOCHA_TOTALS names, if any, gets the same
 * numbers as a line `passed failed skipped`, for whoever adds up several suites.
 */
export default class TotalsReporter extends reporters.Spec {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
      const file = process.env.MOCHA_TOTALS;
      if (file) appendFileSync(file, `${passes} ${failures} ${pending}\n`);
    });
  }
}
