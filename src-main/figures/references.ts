import { PER_NORM, type MeasureInfo } from '../contract/measure.ts';
import type { PublishedReference } from '../contract/reference.ts';
import type { Role } from '../contract/rows.ts';

/** What the values beside a reference are of. */
export interface ReferenceScope {
  /** Null is every role. */
  readonly role: Role | null;
  /** Whether the values are over the whole model, as published ones are. */
  readonly isWhole: boolean;
}

const PART = 'Published for whole models; here it is a part of one.';
const PER_UNIT = 'Published as it is; here it is given per unit of update norm.';

/** Published references of a measure as it is shown, each with what keeps it off the scale, if anything does. */
export function referencesOf(
  references: readonly PublishedReference[],
  { id, unit }: Pick<MeasureInfo, 'id' | 'unit'>,
  { role, isWhole }: ReferenceScope,
): PublishedReference[] {
  const shown = unit.endsWith(PER_NORM) ? PER_UNIT : isWhole ? null : PART;
  return references
    .filter((reference) => reference.measure === id && (role === null || reference.role === role))
    .map((reference) => ({ ...reference, mismatch: reference.mismatch ?? shown }));
}
