import { ERROR_KINDS } from './errorKinds.ts';

export { ERROR_KINDS, EXIT } from './errorKinds.ts';

export type ErrorCode = keyof typeof ERROR_KINDS;

/** An error in words: what happened, where, why probably, and what to do. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where: string | null;
  readonly cause: string;
  readonly remedy: string;
}

/** Bad input or environment. Bugs are plain errors and are never caught. */
export class PolarimeterError extends Error {
  readonly code: ErrorCode;
  /** Path, tensor or field that it is about. */
  readonly where: string | null;
  /** What to do where the usual advice of its kind does not fit; null for that one. */
  readonly #remedy: string | null;

  constructor(code: ErrorCode, message: string, where: string | null = null, remedy: string | null = null) {
    super(message);
    this.name = 'PolarimeterError';
    this.code = code;
    this.where = where;
    this.#remedy = remedy;
  }

  get body(): ErrorBody {
    const { cause, remedy } = ERROR_KINDS[this.code];
    return {
      code: this.code,
      message: this.message,
      where: this.where,
      cause,
      remedy: this.#remedy ?? remedy,
    };
  }

  get exitCode(): number {
    return ERROR_KINDS[this.code].exit;
  }
}

/** Whether a value is an error code of this list, e.g. one that the native core sent. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_KINDS, value);
}
