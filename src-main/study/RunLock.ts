import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { writing } from './fileErrors.ts';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process was started, in the system's own ticks; empty where the system does not tell. A process number alone may be used again. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Process that holds the lock, or null when there is none or it has died. */
function holder(path: string): number | null {
  try {
    const [number, start = ''] = readFileSync(path, 'utf8').split(' ');
    const pid = Number(number);
    return Number.isInteger(pid) && pid > 0 && isAlive(pid) && startOf(pid) === start ? pid : null;
  } catch {
    return null;
  }
}

/** One run at a time in a study folder. A lock that a killed process left behind is taken over. */
export class RunLock implements Disposable {
  readonly #path: string;

  /** Fails with `study-busy`, `study-read-only`, `disk-full`. */
  constructor(folder: string) {
    this.#path = join(folder, 'run.lock');
    if (this.#tryCreate()) return;
    const pid = holder(this.#path);
    if (pid !== null)
      throw new PolarimeterError('study-busy', `process ${String(pid)} is running this study`, folder);
    rmSync(this.#path, { force: true });
    if (!this.#tryCreate())
      throw new PolarimeterError('study-busy', 'another process has just started this study', folder);
  }

  #tryCreate(): boolean {
    return writing(this.#path, () => {
      try {
        const file = openSync(this.#path, 'wx');
        writeSync(file, `${String(process.pid)} ${startOf(process.pid)}`);
        closeSync(file);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      }
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { force: true });
  }
}
