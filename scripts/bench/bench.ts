import type { BenchRow } from './row.ts';

export interface BenchResult {
  readonly rows: readonly BenchRow[];
  /** A table that is shown beside the rows; the first row holds the headings. */
  readonly beside?: { readonly title: string; readonly rows: readonly (readonly string[])[] };
}

/** A program that measures ours and a peer's in one run. */
export type Bench = () => Promise<BenchResult>;
