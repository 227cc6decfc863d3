import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { LogLine } from '../contract/runLog.ts';
import { LOG_FILES } from './RunLog.ts';

/** More than a line ever takes. */
const BYTES_PER_LINE = 512;

/** The newest `count` lines of a study's log, oldest first. Half a line that a killed process left is passed over. */
export function readRunLog(folder: string, count: number): LogLine[] {
  const lines: LogLine[] = [];
  for (const name of LOG_FILES) {
    if (lines.length >= count) break;
    lines.unshift(...linesOf(endOf(join(folder, name), count * BYTES_PER_LINE)));
  }
  return lines.slice(-count);
}

/** The last bytes of a file from the beginning of a line on; empty when it is not there. */
function endOf(path: string, bytes: number): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    const from = Math.max(0, size - bytes);
    const buffer = Buffer.alloc(size - from);
    const text = buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, from));
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    closeSync(file);
  }
}

function linesOf(text: string): LogLine[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [LogLine.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}
