import { PolarimeterError } from '../contract/errors.ts';
import type { SweepEngine } from './SweepEngine.ts';

const REASON = 'this build has no engine for experiments';

function absent(): never {
  throw new PolarimeterError('not-supported', REASON);
}

/** Stands where the engine of experiments will be: the page says that there is none. */
export const absentSweepEngine: SweepEngine = {
  embedded: () => Promise.resolve({ available: false, engine: null, devices: [], reason: REASON }),
  obstacle: () => null,
  plan: () => Promise.reject(new PolarimeterError('not-supported', REASON)),
  create: absent,
  open: absent,
};
