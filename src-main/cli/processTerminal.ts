import process from 'node:process';
import type { Terminal } from './Terminal.ts';

const DEFAULT_COLUMNS = 100;
const MIN_COLUMNS = 40;

function columnsOf(stream: NodeJS.WriteStream): number {
  const asked = Number(process.env['COLUMNS']);
  const columns = Number.isInteger(asked) && asked > 0 ? asked : (stream.columns ?? DEFAULT_COLUMNS);
  return Math.max(MIN_COLUMNS, columns);
}

/** A writer that falls silent when its reader has gone away (`| head`), as other programs do. */
function writerTo(stream: NodeJS.WriteStream): (text: string) => void {
  let open = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    open = false;
  });
  return (text) => {
    if (open) stream.write(text);
  };
}

/** The terminal of this process. Colours only on a screen, and never with NO_COLOR (no-color.org), TERM=dumb or --no-color. */
export function processTerminal(argv: readonly string[]): Terminal {
  const { stdout, stderr, env } = process;
  const plain = Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb' || argv.includes('--no-color');
  return {
    out: writerTo(stdout),
    err: writerTo(stderr),
    live: stderr.isTTY && env['TERM'] !== 'dumb',
    colour: stdout.isTTY && !plain,
    columns: columnsOf(stdout),
    folder: process.cwd(),
  };
}
