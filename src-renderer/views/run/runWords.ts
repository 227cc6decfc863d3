import type { Progress, Stage } from '../../../src-main/contract/study.ts';

/** The state of a run in the words of the page. */
export const RUN_STATES: Readonly<Record<Progress['state'], string>> = {
  idle: 'Not run yet',
  planning: 'Planning',
  running: 'Running',
  cancelling: 'Cancelling',
  done: 'Done',
  cancelled: 'Cancelled',
  failed: 'Failed',
  interrupted: 'Interrupted',
  elsewhere: 'Running elsewhere',
};

/** What is done with a tensor, in this order. */
export const STAGE_WORDS: Readonly<Record<Stage, string>> = {
  make: 'Make tensors of recipes',
  hash: 'Identify bytes',
  elements: 'Compare elements',
  decompose: 'Singular values, vectors',
  angles: 'Principal angles',
  store: 'Store',
};

/** "3.21 GB/s", or a dash while nothing is measured. */
export function rateWords(perSecond: number, unit: string): string {
  return perSecond > 0 ? `${(perSecond / 1e9).toPrecision(3)} ${unit}` : `– ${unit}`;
}
