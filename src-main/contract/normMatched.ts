import type { MeasureInfo } from './measure.ts';
import { PER_NORM } from './measure.ts';

/** Values are given per this share of the reference's norm. */
export const NORM_UNIT = 0.01;

/**
 * What a measure becomes per unit of relative update norm: shares turn into plain numbers, since they may exceed 1, and baselines, which
 * belong to the value as it was, are left out. Measures that do not grow with the norm stay as they are.
 */
export function normMatchedInfo(info: MeasureInfo): MeasureInfo {
  if (info.normMatched === 'invariant') return info;
  const isComplement = info.normMatched === 'complement' && info.complement !== null;
  const title = isComplement ? `${info.title}: ${info.complement ?? ''}` : info.title;
  const value = isComplement ? '1 - value' : 'value';
  return {
    ...info,
    title,
    formula: `(${value}) / (100 |dW|_F / |W|_F), value = ${info.formula}`,
    unit: `${info.unit} ${PER_NORM}` as MeasureInfo['unit'],
    baseline: null,
    complement: null,
  };
}
