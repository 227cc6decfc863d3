import type { Command } from 'commander';
import { count, memorySize } from './optionValues.ts';

const MOST_THREADS = 1024;

/** Options that every command has. */
export function withOutputOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document on stdout and nothing else')
    .option('--no-color', 'never colour the output (NO_COLOR does the same)');
}

/** Options of commands that compute. */
export function withLimitOptions(command: Command): Command {
  return command
    .option(
      '--memory <size>',
      'workspace budget, e.g. 8GiB (default: half of the memory, at most 8 GiB)',
      memorySize,
    )
    .option('--threads <n>', 'threads (default: all)', count(MOST_THREADS));
}

/** "Examples:" below the help of a command. */
export function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ polarimeter ${line}`).join('\n')}\n`;
}
