import { EXIT } from '../contract/errors.ts';
import { createProgram } from './createProgram.ts';
import { processTerminal } from './processTerminal.ts';
import { reportError } from './reportError.ts';
import type { Session } from './Session.ts';
import type { Terminal } from './Terminal.ts';

/**
 * Runs one command line, without program name, and returns its exit code: see EXIT in contract/errors.ts, and 70 for a bug in
 * Polarimeter. Never calls process.exit.
 */
export async function main(
  argv: readonly string[],
  terminal: Terminal = processTerminal(argv),
): Promise<number> {
  const session: Session = { terminal, exitCode: EXIT.done };
  try {
    await createProgram(session).parseAsync(argv, { from: 'user' });
    return session.exitCode;
  } catch (error) {
    return reportError(terminal, error, argv.includes('--json'));
  }
}
