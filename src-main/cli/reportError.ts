import { CommanderError } from 'commander';
import { EXIT, type ErrorBody, PolarimeterError } from '../contract/errors.ts';
import { printable } from './printable.ts';
import type { Terminal } from './Terminal.ts';
import { writeJson } from './writeJson.ts';

/** Says what went wrong on stderr, and with --json also as a document on stdout. Returns the exit code. */
export function reportError(terminal: Terminal, error: unknown, json: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
  if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.input;
  const known = error instanceof CommanderError ? usageError(error) : error;
  if (!(known instanceof PolarimeterError)) return reportBug(terminal, error);
  terminal.err(errorText(known.body));
  if (json) writeJson(terminal, { schema: 'polarimeter.error/1', error: known.body });
  return known.exitCode;
}

function usageError(error: CommanderError): PolarimeterError {
  return new PolarimeterError('usage', error.message.replace(/^error: /, '').replace(/\n+/g, ' '));
}

function reportBug(terminal: Terminal, error: unknown): number {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.err(
    `polarimeter: internal error; please report it with the output of \`polarimeter doctor\`\n${text}\n`,
  );
  return EXIT.bug;
}

function errorText({ code, message, where, cause, remedy }: ErrorBody): string {
  const lines = [`polarimeter: ${message.split('\n').map(printable).join('\n')}`];
  if (code === 'cancelled') return `${lines.join('')}\n`;
  if (where !== null && !message.includes(where)) lines.push(`  where:  ${printable(where)}`);
  lines.push(`  cause:  ${cause}`, `  remedy: ${remedy}`);
  return `${lines.join('\n')}\n`;
}
