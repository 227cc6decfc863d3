/** Process exit codes. 1 belongs to `diff` alone: the models differ. */
export const EXIT = {
  done: 0,
  differ: 1,
  input: 2,
  notComparable: 3,
  resource: 4,
  verification: 5,
  /** A bug in Polarimeter itself. */
  bug: 70,
  cancelled: 130,
} as const;

export interface ErrorKind {
  /** Process exit code. */
  readonly exit: number;
  /** HTTP status. */
  readonly http: number;
  /** The usual reason. */
  readonly cause: string;
  /** What to do about it. */
  readonly remedy: string;
}

export const kind = (exit: number, http: number, cause: string, remedy: string): ErrorKind => ({
  exit,
  http,
  cause,
  remedy,
});
