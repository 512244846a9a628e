/** Logs as the documents show them: the part that matters, and what differs from run to run made the same. */

/** The moment at which every shown run begins. */
const shownStart = Date.parse('2026-11-20T09:30:00Z');

/** Replaces times, durations, folders and random ids. Times keep their distance from the run's start, by the minute. */
export function steady(lines: readonly string[], startedAt: Date): string[] {
  return lines.map((line) =>
    line
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (time) => {
        const minutes = Math.round((Date.parse(time) - startedAt.getTime()) / 60_000);
        return new Date(shownStart + minutes * 60_000).toISOString();
      })
      .replace(/ in \d+\.\d s$/, ' in 0.1 s')
      .replace(/[^\s'"]*\/_work\//g, '/agent/_work/')
      .replace(/^Request id: .*/, 'Request id: c6104cbe-af31-11e0-8154-cbc7ccf896c7')
      .replace(/127\.0\.0\.1:\d+/g, 'proxy.contoso.example:8080')
      .replace(/\b1\d{9}\b/g, (seconds) =>
        String(Math.round((Number(seconds) * 1000 - startedAt.getTime()) / 60_000) * 60 + shownStart / 1000),
      )
      .replace(/AROA[A-Z0-9]{17}/, 'AROADBQP57FF2AEXAMPLE')
      .replace(/(?<=\/_temp\/)[0-9a-f-]{36}/, '586300a1-6cf2-410a-9f17-4ec50f866af5'),
  );
}

/** The lines from the first that fits `from` to the first that fits `to`. */
export function between(lines: readonly string[], from: RegExp, to: RegExp): string[] {
  const first = lines.findIndex((line) => from.test(line));
  const length = lines.slice(first).findIndex((line) => to.test(line));
  if (first < 0 || length < 0) throw new Error(`not in the log: ${from} … ${to}\n${lines.join('\n')}`);
  return lines.slice(first, first + length + 1);
}
