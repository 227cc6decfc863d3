const LONGEST = 120;

/** A name from a file in quotes, fit for a message: control characters spelled out, long names cut in the middle. */
export function quoteName(name: string): string {
  const short = name.length <= LONGEST ? name : `${name.slice(0, 80)}…${name.slice(-30)}`;
  const visible = short.replace(
    /[\p{C}\p{Bidi_Control}\u2028\u2029]/gu,
    (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return `"${visible}"`;
}

/** At most a few names in quotes, and how many more there are. */
export function quoteNames(names: readonly string[], most = 3): string {
  const more = names.length - most;
  const shown = names.slice(0, most).map(quoteName).join(', ');
  return more > 0 ? `${shown} and ${String(more)} more` : shown;
}
