import { PolarimeterError } from '../contract/errors.ts';
import type { StudyFile } from '../contract/study.ts';
import { measureInfo } from '../measures/registry.ts';

/** Fails with `usage` when a measure is asked for that does not exist. */
export function checkMeasures({ options }: StudyFile): void {
  const known = new Set(measureInfo(options).map(({ id }) => id));
  const unknown = [...options.measures, ...options.also].find((id) => !known.has(id));
  if (unknown !== undefined)
    throw new PolarimeterError('usage', `there is no measure "${unknown}"`, 'measures');
}
