import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Corpus } from './Corpus.ts';
import type { FuzzOptions, FuzzReport } from './fuzz.ts';
import { LAST_INPUT } from './FuzzRunner.ts';

const CHILD = join(import.meta.dirname, 'fuzzChild.ts');
/** A parser that takes more ends the process, and the input is kept. */
const HEAP = '--max-old-space-size=1024';
/** For the corpus, for keeping the best of it, and for a busy machine. */
const GRACE_SECONDS = 60;

function runChild(target: string, options: FuzzOptions): Promise<{ output: string; problem: string | null }> {
  const limits = { timeout: (2 * options.seconds + GRACE_SECONDS) * 1000, killSignal: 'SIGKILL' as const };
  const args = [HEAP, CHILD, target, JSON.stringify(options)];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { ...limits, maxBuffer: 2 ** 24 }, (error, output, errors) => {
      const ended = error?.killed === true ? 'did not end and was stopped' : 'the process ended';
      resolve({ output, problem: error ? `${ended}: ${errors.slice(-2000)}` : null });
    });
  });
}

/** Fuzzes one parser in a process of its own, so that an endless loop or a lack of memory is a failure like any other. */
export async function fuzzProcess(target: string, options: Omit<FuzzOptions, 'folder'>): Promise<FuzzReport> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'polarimeter-fuzz-')));
  try {
    const { output, problem } = await runChild(target, { ...options, folder });
    if (problem === null) return JSON.parse(output) as FuzzReport;
    const input = join(folder, LAST_INPUT);
    const path = existsSync(input) ? new Corpus(target).addFailure(readFileSync(input)) : 'no input';
    return { target, runs: 0, covered: 0, interesting: 0, failures: [{ path, problem }] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
