import { PolarimeterError, type ErrorCode } from '../contract/errors.ts';

/** What stands against every trial alike: going on would only fail again. */
const OF_ALL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'cancelled',
  'endpoint-unreachable',
  'endpoint-refused',
  'endpoint-busy',
  'endpoint-invalid',
  'disk-full',
  'disk-space',
  'write-failed',
  'inference-missing',
  'library-missing',
  'model-unsupported',
  'model-too-large',
  'tokenizer-missing',
  'tokenizer-unsupported',
  'not-supported',
  'probe-invalid',
  'study-read-only',
  'study-busy',
]);

/** Whether an error ends the sweep; what is no PolarimeterError is a bug and does. */
export const concernsAll = (error: unknown): boolean =>
  !(error instanceof PolarimeterError) || OF_ALL.has(error.code);
