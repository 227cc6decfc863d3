import { InvalidArgumentError } from 'commander';
import { parseLayerRanges } from '../contract/layerRanges.ts';

/** Layers as a user chose them before the model is known: ranges, or the first or last of them, counted or as a share. */
export type LayerChoice =
  | { readonly ranges: readonly (readonly [number, number])[] }
  | { readonly end: 'first' | 'last'; readonly amount: number; readonly unit: 'layers' | 'share' };

const END = /^(first|last)[ :=]*(\d+(?:\.\d+)?) ?(%?)$/;

/** "first 25%", "last 4" or "0-3,10". */
export function layerChoice(text: string): LayerChoice {
  const [, end, digits, percent] = END.exec(text.trim().toLowerCase()) ?? [];
  if (end === 'first' || end === 'last') {
    const amount = Number(digits);
    const isShare = percent === '%';
    if (isShare ? amount > 0 && amount <= 100 : Number.isSafeInteger(amount) && amount > 0)
      return { end, amount: isShare ? amount / 100 : amount, unit: isShare ? 'share' : 'layers' };
  }
  const ranges = parseLayerRanges(text) ?? [];
  if (ranges.length === 0)
    throw new InvalidArgumentError('Write layers such as 0-3,10 or "first 25%" or "last 4".');
  return { ranges };
}

/** The same as ranges of a model with so many layers; a share is rounded to the nearest number, but at least one layer. */
export function layersOf(choice: LayerChoice, layers: number): string[] {
  if ('ranges' in choice)
    return choice.ranges.map(([from, to]) => (from === to ? String(from) : `${String(from)}-${String(to)}`));
  const { end, amount, unit } = choice;
  const wanted = unit === 'share' ? Math.max(1, Math.round(amount * layers)) : amount;
  const count = Math.min(wanted, layers);
  const from = end === 'first' ? 0 : layers - count;
  return [count === 1 ? String(from) : `${String(from)}-${String(from + count - 1)}`];
}
