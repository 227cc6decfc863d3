import type { TensorEntry } from '../../state/TensorDirectory.ts';

/** A line of the list: a tensor, or the layer that the next ones belong to. */
export interface ListItem {
  readonly key: string;
  readonly entry: TensorEntry | null;
  /** The layer that it belongs to. */
  readonly heading: string;
  /** Letters that all names of the layer begin with: the heading says them already. */
  readonly prefix: number;
  /** Among the tensors of the list, from 1. */
  readonly position: number;
}

const PREFIX = /^(?:.*?\.)?(?:layers|blocks|h|layer|block|blk)\.\d+\./;

function headingOf({ layer }: TensorEntry): string {
  return layer === null ? 'outside the layers' : `layer ${String(layer)}`;
}

/** The lines of a list of tensors, under the headings of their layers when they stand in the order of the model. */
export function listItems(entries: readonly TensorEntry[], isGrouped: boolean): ListItem[] {
  const items: ListItem[] = [];
  let last: string | null = null;
  for (const [index, entry] of entries.entries()) {
    const heading = headingOf(entry);
    if (isGrouped && heading !== last)
      items.push({ key: `${heading} before ${entry.name}`, entry: null, heading, prefix: 0, position: 0 });
    last = heading;
    const prefix = entry.layer === null ? 0 : (PREFIX.exec(entry.name)?.[0].length ?? 0);
    items.push({ key: entry.name, entry, heading, prefix, position: index + 1 });
  }
  return items;
}

/** Pieces of a name without the letters of its heading, every second piece being a match. */
export function namePieces(pieces: readonly string[], prefix: number): { text: string; isMatch: boolean }[] {
  let left = prefix;
  return pieces.flatMap((piece, index) => {
    const text = piece.slice(left);
    left = Math.max(0, left - piece.length);
    return text === '' ? [] : [{ text, isMatch: index % 2 === 1 }];
  });
}
