/** One comparison: ours against a peer's, measured in the same run. */
export interface BenchRow {
  /** In the words of the goal. */
  readonly work: string;
  readonly unit: 'ms' | 'MiB';
  /** Median. */
  readonly ours: number;
  readonly peer: string;
  /** Median; null where the peer could not be had, and `reason` says why. */
  readonly theirs: number | null;
  readonly ratio: number | null;
  /** The ratio not to exceed; null where there is no goal and the row informs only. */
  readonly goal: number | null;
  readonly reason?: string;
}

export function compare(
  work: string,
  unit: BenchRow['unit'],
  ours: readonly number[],
  peer: string,
  theirs: readonly number[],
  goal: number | null,
): BenchRow {
  const mine = median(ours);
  const other = median(theirs);
  return {
    work,
    unit,
    ours: rounded(mine),
    peer,
    theirs: rounded(other),
    ratio: rounded(mine / other),
    goal,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = low] =
    sorted.length % 2 ? [sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
