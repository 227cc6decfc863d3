import type { EditKind } from '../../contract/recipe.ts';
import type { EditFormula } from './EditContext.ts';
import { interpolate } from './interpolate.ts';
import { scaleUpdate } from './scaleUpdate.ts';
import { take } from './take.ts';

const FORMULAS: Readonly<Partial<Record<EditKind, EditFormula>>> = {
  take,
  interpolate,
  'scale-update': scaleUpdate,
};

export function formulaOf(kind: EditKind): EditFormula {
  const formula = FORMULAS[kind];
  if (!formula) throw new Error(`${kind} is not there yet`);
  return formula;
}
