import type { Terminal } from './Terminal.ts';

/** One call of the command line. */
export interface Session {
  readonly terminal: Terminal;
  /** What `main` returns unless an error ends the command. */
  exitCode: number;
}
