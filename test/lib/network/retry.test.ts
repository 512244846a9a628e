import assert from 'node:assert/strict';
import { DeadlineError, type RetryPolicy, retry, retryAfterSeconds } from '../../../lib/network/index.ts';

const again = () => ({ retry: true });

/** A clock that only sleeping moves. */
function steppedClock() {
  let now = 1_000_000;
  const waits: number[] = [];
  const sleep = async (milliseconds: number) => {
    waits.push(milliseconds);
    now += milliseconds;
  };
  return { now: () => now, sleep, waits };
}

describe('retry', () => {
  it('gives the first success, and counts the attempts', async () => {
    const clock = steppedClock();
    const numbers: number[] = [];
    const told: [string, number, number][] = [];
    const value = await retry(
      async (_signal, number) => {
        numbers.push(number);
        if (number < 3) throw new Error(`failure ${number}`);
        return 'done';
      },
      {
        ...clock,
        deadline: 60,
        classify: again,
        random: () => 0.5,
        onRetry: (error, attempt, wait) => told.push([(error as Error).message, attempt, wait]),
      },
    );
    assert.equal(value, 'done');
    assert.deepEqual(numbers, [1, 2, 3]);
    assert.deepEqual(told, [
      ['failure 1', 1, 0.4],
      ['failure 2', 2, 0.8],
    ]);
  });

  it('draws waits from zero to the doubling bound, eight seconds at most', async () => {
    const bounds = [0.8, 1.6, 3.2, 6.4, 8, 8, 8];
    for (const drawn of [0, 0.25, 0.999]) {
      const clock = steppedClock();
      await retry(
        async (_signal, number) => {
          if (number <= bounds.length) throw new Error('not yet');
        },
        { ...clock, deadline: 1000, classify: again, random: () => drawn },
      );
      assert.deepEqual(
        clock.waits.map((wait) => Math.round(wait)),
        bounds.map((bound) => Math.round(bound * drawn * 1000)),
      );
    }
  });

  it('gives up at once on what cannot succeed', async () => {
    const clock = steppedClock();
    let attempts = 0;
    const refused = new Error('AccessDenied');
    await assert.rejects(
      retry(
        async () => {
          attempts++;
          throw refused;
        },
        { ...clock, deadline: 60, classify: () => ({ retry: false }) },
      ),
      refused,
    );
    assert.equal(attempts, 1);
    assert.deepEqual(clock.waits, []);
  });

  it('waits at least as long as the service asks', async () => {
    const clock = steppedClock();
    await retry(
      async (_signal, number) => {
        if (number < 2) throw new Error('throttled');
      },
      { ...clock, deadline: 60, classify: () => ({ retry: true, afterSeconds: 7 }), random: () => 0.5 },
    );
    assert.deepEqual(clock.waits, [7000]);
  });

  it('throws the last failure when the next attempt would begin after the deadline', async () => {
    const clock = steppedClock();
    await assert.rejects(
      retry((_signal, number) => Promise.reject(new Error(`failure ${number}`)), {
        ...clock,
        deadline: 5,
        classify: again,
        random: () => 0.999,
      }),
      /failure 3/,
    );
    assert(clock.waits.reduce((sum, wait) => sum + wait, 0) < 5000);
  });

  it('does not wait for a Retry-After beyond the deadline', async () => {
    const clock = steppedClock();
    await assert.rejects(
      retry(() => Promise.reject(new Error('come back tomorrow')), {
        ...clock,
        deadline: 25,
        classify: () => ({ retry: true, afterSeconds: 86_400 }),
      }),
      /come back tomorrow/,
    );
    assert.deepEqual(clock.waits, []);
  });

  /** An attempt that ends only with its signal. */
  const stuck = (signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  const policy: RetryPolicy = { deadline: 0.03, classify: again };

  it('stops an attempt that outlasts the deadline', async () => {
    await assert.rejects(retry(stuck, policy), DeadlineError);
  });

  it('throws the failure before it when a later attempt outlasts the deadline', async () => {
    const attempt = (signal: AbortSignal, number: number) =>
      number === 1 ? Promise.reject(new Error('503 first')) : stuck(signal);
    await assert.rejects(retry(attempt, { ...policy, random: () => 0.01 }), /503 first/);
  });

  it('begins nothing once it is cancelled', async () => {
    let attempts = 0;
    const reason = new Error('cancelled');
    await assert.rejects(
      retry(async () => attempts++, { ...policy, signal: AbortSignal.abort(reason) }),
      reason,
    );
    assert.equal(attempts, 0);
  });

  it('ends with the reason when it is cancelled during an attempt', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const running = retry(stuck, { deadline: 60, classify: again, signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(running, reason);
  });

  it('ends with the reason when an attempt fails in its own words on being cancelled', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const running = retry(
      async () => {
        controller.abort(reason);
        throw new Error('socket hang up');
      },
      { deadline: 60, classify: again, signal: controller.signal },
    );
    await assert.rejects(running, reason);
  });

  it('ends with the reason when it is cancelled while it waits', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const running = retry(() => Promise.reject(new Error('503')), {
      deadline: 60,
      classify: () => ({ retry: true, afterSeconds: 30 }),
      signal: controller.signal,
      onRetry: () => setImmediate(() => controller.abort(reason)),
    });
    await assert.rejects(running, reason);
  });

  it('leaves no timer and no listener behind', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...listener: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(signal, listener);
    };
    signal.removeEventListener = (...listener: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(signal, listener);
    };
    await new Promise(setImmediate);
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    await retry(async () => {}, { deadline: 60, classify: again, signal });
    assert.equal(timers(), before);
    assert.equal(listeners, 0);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-21T10:00:00Z');
  const cases: [value: string | undefined, seconds: number | undefined][] = [
    [undefined, undefined],
    ['', undefined],
    ['0', 0],
    ['120', 120],
    ['Sat, 21 Nov 2026 10:00:30 GMT', 30],
    ['Sat, 21 Nov 2026 09:59:00 GMT', 0],
    ['soon', undefined],
  ];
  for (const [value, seconds] of cases) {
    it(`${JSON.stringify(value)} is ${seconds} s`, () => {
      assert.equal(retryAfterSeconds(value, now), seconds);
    });
  }
});
