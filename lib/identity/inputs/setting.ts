/** A value and where it was set, so that a fault can name the place to change. */
export interface Setting {
  readonly text: string;
  readonly source: string;
}

/** A setting as it will be used, and what to tell the user where that is not as it was written. */
export interface Adjusted<T> {
  readonly value: T;
  readonly notes: readonly string[];
}
