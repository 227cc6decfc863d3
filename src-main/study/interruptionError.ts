import { PolarimeterError } from '../contract/errors.ts';
import type { Interruption } from './RunLock.ts';

/** Tensors that are named before the rest is counted. */
const NAMED = 4;

const named = (tensors: readonly string[]): string =>
  tensors.length <= NAMED
    ? tensors.join(', ')
    : `${tensors.slice(0, NAMED).join(', ')} and ${String(tensors.length - NAMED)} more`;

/** What users are told of a run that its process did not survive; another error when it happened twice at the same tensor. */
export function interruptionError({ at, tensors, again }: Interruption): PolarimeterError {
  const seen = at === null ? '' : `; it was last seen at ${at}`;
  if (again.length > 0) {
    const message = `the process that computed ended again while it worked on the same tensors${seen}`;
    return new PolarimeterError('run-keeps-ending', message, named(again));
  }
  const message = `the process that computed ended before the run did${seen}`;
  return new PolarimeterError('run-interrupted', message, tensors.length > 0 ? named(tensors) : null);
}
