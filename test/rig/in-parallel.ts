/**
 * Works on items in their order, so many at once. Each outcome can be awaited by itself: a test of its own then says
 * what came of it.
 */
export function inParallel<Item, Outcome>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Outcome>,
): ReadonlyMap<Item, Promise<Outcome>> {
  const waiting: (() => void)[] = [];
  let running = 0;
  const next = () => {
    while (running < limit && waiting.length > 0) {
      running += 1;
      waiting.shift()?.();
    }
  };
  const outcomes = items.map((item) => {
    const turn = new Promise<void>((resolve) => waiting.push(resolve));
    const outcome = turn
      .then(() => work(item))
      .finally(() => {
        running -= 1;
        next();
      });
    // Whoever awaits it hears of it; until then it is nobody's fault.
    outcome.catch(() => {});
    return [item, outcome] as const;
  });
  next();
  return new Map(outcomes);
}
