import { PolarimeterError } from '../contract/errors.ts';
import { callNative, nativeError } from './nativeError.ts';
import type { RawAddon, Start } from './raw.ts';

export interface JobProgress {
  /** In units of the operation's own. */
  readonly done: number;
  /** 0 while it is unknown. */
  readonly total: number;
}

export interface JobOptions {
  /** Aborting it rejects the promise with `cancelled`, at once. */
  readonly signal?: AbortSignal | undefined;
  /** Called about every 100 ms while the job runs. */
  readonly onProgress?: ((progress: JobProgress) => void) | undefined;
}

/** One job to be run. */
export interface Job<Request, Result> {
  readonly start: Start<Request, Result>;
  readonly request: Request;
  /** What the job is about, for its errors. */
  readonly where: string;
  /** Frees a result that came too late to be wanted. */
  readonly discard?: (result: Result) => void;
}

const PROGRESS_MILLIS = 100;

/**
 * Runs a native job as a promise.
 * Fails with the code of the operation, or with `cancelled` when the signal is aborted, also when that happened before.
 */
export function runJob<Request, Result>(
  addon: RawAddon,
  { start, request, where, discard }: Job<Request, Result>,
  { signal, onProgress }: JobOptions = {},
): Promise<Result> {
  const cancelled = () => new PolarimeterError('cancelled', 'the operation was cancelled', where);
  if (signal?.aborted) return Promise.reject(cancelled());
  const { promise, resolve, reject } = Promise.withResolvers<Result>();

  const job = callNative(where, () =>
    start(request, (end) => {
      clearInterval(poll);
      signal?.removeEventListener('abort', cancel);
      if (end.status === 'error') reject(nativeError(end.code, end.message, where));
      else if (end.status === 'cancelled') reject(cancelled());
      else if (signal?.aborted) {
        discard?.(end.result);
        reject(cancelled());
      } else {
        onProgress?.(addon.job_progress(job));
        resolve(end.result);
      }
    }),
  );
  const cancel = () => addon.cancel_job(job);
  const poll = onProgress
    ? setInterval(() => onProgress(addon.job_progress(job)), PROGRESS_MILLIS).unref()
    : undefined;
  signal?.addEventListener('abort', cancel, { once: true });
  return promise;
}
