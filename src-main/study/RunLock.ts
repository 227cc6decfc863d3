import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PolarimeterError, type ErrorCode } from '../contract/errors.ts';
import { writing } from './fileErrors.ts';

const NAME = 'run.lock';

/** What is locked, for the error of whoever comes second. */
export interface LockSubject {
  readonly busy: ErrorCode;
  /** "this study" */
  readonly name: string;
}

const STUDY: LockSubject = { busy: 'study-busy', name: 'this study' };

/** The second line of the lock: what a holder that dies leaves to be told. */
const Trace = z.object({
  /** When the run began, and when its tensors in flight last changed; ISO 8601. */
  startedAt: z.string(),
  at: z.string(),
  tensors: z.array(z.string()),
  /** How often each tensor was in flight when an earlier attempt of this run was cut off. */
  cutOff: z.record(z.string(), z.number().int()),
});
type Trace = z.infer<typeof Trace>;

/** A run whose process is gone without having ended it. */
export interface Interruption {
  /** Null where the lock does not tell any more. */
  readonly at: string | null;
  /** What was being computed. */
  readonly tensors: readonly string[];
  /** Those of them that were being computed at an earlier interruption of the same run as well. */
  readonly again: readonly string[];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * When a process was started, in the system's own ticks; empty where the system does not tell. A process number alone may be used again,
 * and one that is dead keeps its number until its parent asks for it, which in a container without an init may be never.
 */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}

/** The lines of a lock; null when there is none. */
function linesOf(path: string): string[] | null {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return null;
  }
}

/** Process that holds the lock, or null when it has died. */
function holder([first = '']: readonly string[]): number | null {
  const [number, start = ''] = first.split(' ');
  const pid = Number(number);
  return Number.isInteger(pid) && pid > 0 && isAlive(pid) && startOf(pid) === start ? pid : null;
}

/** A lock whose writing was cut off tells nothing but that there was a run. */
function traceOf([, second = '']: readonly string[]): Trace | null {
  try {
    return Trace.parse(JSON.parse(second));
  } catch {
    return null;
  }
}

function interruptionOf(lines: readonly string[]): Interruption {
  const { at = null, tensors = [], cutOff = {} } = traceOf(lines) ?? {};
  return { at, tensors, again: tensors.filter((tensor) => (cutOff[tensor] ?? 0) > 0) };
}

/** The process that runs a study, or changes it, at this moment; null when none does. */
export function runningProcess(folder: string): number | null {
  return holder(linesOf(join(folder, NAME)) ?? []);
}

/** The run that a dead process left behind in a study folder; null when there is none, or when it goes on. */
export function interruptedRun(folder: string): Interruption | null {
  const path = join(folder, NAME);
  const lines = linesOf(path);
  // A lock is empty for the moment in which it is made.
  if (lines === null || holder(lines) !== null || isBeingMade(path, lines)) return null;
  return interruptionOf(lines);
}

const MAKING_MILLIS = 2000;

function isBeingMade(path: string, lines: readonly string[]): boolean {
  if (lines.length > 1 || lines[0] !== '') return false;
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - made < MAKING_MILLIS;
}

/**
 * One run at a time in a folder of a study, or of a sweep, whose trials then take the place of tensors. It says which tensors are in flight,
 * so that a run that is cut off can be explained. A lock that a killed process left behind is taken over.
 */
export class RunLock implements Disposable {
  /** What the dead holder left; null when the run before this one ended in order. */
  readonly interruption: Interruption | null;
  readonly #path: string;
  readonly #file: number;
  readonly #owner = ownName();
  readonly #startedAt = new Date().toISOString();
  readonly #cutOff: Readonly<Record<string, number>>;
  #isHeld = true;

  /** Fails with `study-busy`, or what the subject says instead, `study-read-only`, `disk-full`. */
  constructor(folder: string, { busy, name }: LockSubject = STUDY) {
    this.#path = join(folder, NAME);
    let file = this.#tryCreate();
    let left: string[] | null = null;
    if (file === null) {
      left = linesOf(this.#path) ?? [];
      const pid = holder(left);
      if (pid !== null) throw new PolarimeterError(busy, `process ${String(pid)} is running ${name}`, folder);
      rmSync(this.#path, { force: true });
      file = this.#tryCreate();
    }
    if (file === null) throw new PolarimeterError(busy, `another process has just started ${name}`, folder);
    this.#file = file;
    this.interruption = left && interruptionOf(left);
    this.#cutOff = left === null ? {} : cutOffCounts(traceOf(left));
    this.inFlight([]);
  }

  /** Tensors that were in flight at an interruption of this run, with how often. */
  get cutOff(): Readonly<Record<string, number>> {
    return this.#cutOff;
  }

  /** Writes down what is being computed. Fails with `study-read-only`, `disk-full`. */
  inFlight(tensors: readonly string[]): void {
    const at = new Date().toISOString();
    const trace: Trace = { startedAt: this.#startedAt, at, tensors: [...tensors], cutOff: this.#cutOff };
    // The newline ends what counts: a kill before the file is cut to length leaves the end of an older, longer trace behind it.
    const text = Buffer.from(`${this.#owner}\n${JSON.stringify(trace)}\n`);
    writing(this.#path, () => {
      writeSync(this.#file, text, 0, text.length, 0);
      ftruncateSync(this.#file, text.length);
    });
  }

  [Symbol.dispose](): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
  }

  #tryCreate(): number | null {
    return writing(this.#path, () => {
      try {
        const file = openSync(this.#path, 'wx');
        writeSync(file, `${this.#owner}\n`);
        return file;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
        throw error;
      }
    });
  }
}

const ownName = (): string => `${String(process.pid)} ${startOf(process.pid)}`;

function cutOffCounts(trace: Trace | null): Record<string, number> {
  const counts = { ...trace?.cutOff };
  for (const tensor of trace?.tensors ?? []) counts[tensor] = (counts[tensor] ?? 0) + 1;
  return counts;
}
