/** The two emphases that tables use. */
export interface Ink {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

const wrap = (open: number, close: number) => (text: string) =>
  `\u001b[${String(open)}m${text}\u001b[${String(close)}m`;

export const PLAIN_INK: Ink = { strong: (text) => text, faint: (text) => text };

/** Escape sequences for a screen, or nothing at all. */
export function inkFor(colour: boolean): Ink {
  return colour ? { strong: wrap(1, 22), faint: wrap(2, 22) } : PLAIN_INK;
}
