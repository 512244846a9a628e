/** `$(name)`: how the agent puts variables into inputs, environment and scripts. */

/** Gives a variable's value, or undefined where there is none of that name. */
export type Lookup = (name: string) => string | undefined;

/**
 * Replaces every `$(name)` that names a variable, once: what a value holds is not looked at again, and a macro that
 * names nothing stays as it is.
 *
 * @see azure-pipelines-agent, Util/VarUtil.cs, ExpandValues
 */
export function expandMacros(text: string, lookup: Lookup): string {
  let expanded = text;
  for (let from = 0; ; ) {
    const start = expanded.indexOf('$(', from);
    const end = start < 0 ? -1 : expanded.indexOf(')', start + 2);
    if (end < 0) return expanded;
    const name = expanded.slice(start + 2, end);
    const value = name === '' ? undefined : lookup(name);
    if (value === undefined) {
      from = start + 1;
    } else {
      expanded = expanded.slice(0, start) + value + expanded.slice(end + 1);
      from = start + value.length;
    }
  }
}
