import type { Curve } from '../contract/rows.ts';
import { numberOrWord } from './aggregate.ts';
import type { TensorItem } from './plan.ts';
import { curveSubject } from './record.ts';
import type { Store } from './Store.ts';

const UNITS: Readonly<Record<string, string>> = {
  spectrum: 'weight',
  'update-spectrum': 'weight',
  'angles-left': 'degrees',
  'angles-right': 'degrees',
  'angles-middle-left': 'degrees',
  'angles-middle-right': 'degrees',
  'angles-tail-left': 'degrees',
  'angles-tail-right': 'degrees',
  'ulp-steps': 'count',
  'row-changed': 'count',
  'column-changed': 'count',
};

/** Head boundaries lie on the rows of q, k and v, and on the columns of o. */
function headSizeOf(name: string, heads: TensorItem['role']['heads']): number | null {
  const isAlongHeads = name === `${heads?.axis === 'columns' ? 'column' : 'row'}-changed`;
  return heads !== null && isAlongHeads ? heads.size : null;
}

/** All curves of a tensor: the spectra of both sides, and what belongs to each pair. Stored as float32. */
export function readCurves(item: TensorItem, store: Store): Curve[] {
  return item.comparisons.flatMap(({ variant, from }) => {
    const binding = store.binding(variant, item.tensor);
    if (!binding) return [];
    const { pair, referenceHash, variantHash } = binding;
    const about = { variant, reference: from, tensor: item.tensor };
    const read = (subject: string, suffix: string): Curve[] =>
      store.curves(subject).map(({ name, values }) => ({
        ...about,
        name: suffix === '' ? name : `${name}-${suffix}`,
        unit: UNITS[name] ?? 'ratio',
        headSize: headSizeOf(name, item.role.heads),
        values: Array.from(values, numberOrWord),
      }));
    return [
      ...read(curveSubject.spectrum(referenceHash), 'reference'),
      ...read(curveSubject.spectrum(variantHash), 'variant'),
      ...read(curveSubject.pair(pair, item.k), ''),
    ];
  });
}
