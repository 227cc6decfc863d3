import { ADVANCE } from './lineLayout.ts';

/** A panel as the name of its best repair is placed in it; lengths in pixels. */
export interface NamedPanel {
  readonly probe: string;
  /** Of the repair that brings back most; null where there is none. */
  readonly name: string | null;
  /** Where the room beside its title begins and ends. */
  readonly from: number;
  readonly to: number;
}

export interface MostPlace {
  readonly x: number;
  /** The first of its lines below the legend; null beside the title of its panel. */
  readonly row: number | null;
  readonly lines: readonly string[];
}

/** Of the circle that stands before the words, in units of the font size. */
const CIRCLE = 1.5;

const lettersIn = (width: number, em: number): number => Math.floor(width / (ADVANCE * 0.92 * em));

function wrapped(text: string, letters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.pop();
    if (last === undefined) lines.push(word);
    else if (last.length + 1 + word.length <= letters) lines.push(`${last} ${word}`);
    else lines.push(last, word);
  }
  return lines;
}

/** Names of the repairs that bring back most: whole beside the titles where they fit, else on lines of their own below the legend. */
export function mostPlaces(
  panels: readonly NamedPanel[],
  width: number,
  em: number,
): { readonly places: readonly (MostPlace | null)[]; readonly rows: number } {
  let rows = 0;
  const places = panels.map(({ probe, name, from, to }): MostPlace | null => {
    if (name === null) return null;
    const text = `most brought back: ${name}`;
    if (text.length <= lettersIn(to - from - CIRCLE * em, em)) return { x: from, row: null, lines: [text] };
    const lines = wrapped(`most brought back on ${probe}: ${name}`, lettersIn(width - 2 * CIRCLE * em, em));
    rows += lines.length;
    return { x: 0.6 * em, row: rows - lines.length, lines };
  });
  return { places, rows };
}
