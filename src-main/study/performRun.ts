import { existsSync } from 'node:fs';
import type { Checkpoint } from '../contract/checkpoint.ts';
import type { LogLine } from '../contract/runLog.ts';
import type { Progress, RunLimits, StudyFile } from '../contract/study.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import type { FileStates } from '../tensors/fileIdentity.ts';
import { isMadeFile } from '../tensors/madeFile.ts';
import { itemSeconds } from './cost.ts';
import { execute } from './execute.ts';
import { fileState } from './fileState.ts';
import { filesOf } from './leaseFiles.ts';
import { PROCESS_BYTES } from './limits.ts';
import { makeRecipes } from './makeRecipes.ts';
import { MemoryBudget } from '../kernels/MemoryBudget.ts';
import { holdFiles } from './pairSources.ts';
import type { TensorItem } from './plan.ts';
import { ProgressMeter } from './ProgressMeter.ts';
import { RunJournal } from './RunJournal.ts';
import { RunLock } from './RunLock.ts';
import { RunLog } from './RunLog.ts';
import { runSets } from './siblings.ts';
import type { Store } from './Store.ts';
import type { WantedMeasures } from './wanted.ts';

export interface RunOptions {
  readonly limits: RunLimits;
  readonly signal?: AbortSignal;
  /** Called at most ten times a second, and at every change of state. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called for every line of the log. */
  readonly onLog?: (line: LogLine) => void;
}

/** What a run computes, and where it goes. */
export interface RunSubject {
  readonly folder: string;
  readonly file: StudyFile;
  /** By label. */
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  readonly items: readonly TensorItem[];
  /** State of every file behind them when its header was read. */
  readonly files: FileStates;
  readonly measures: WantedMeasures;
  readonly store: Store;
  /** How many of the items need nothing any more. */
  readonly countStored: () => number;
}

const NOBODY = (): void => undefined;

/** Files of made tensors that are not there are left out. */
const withoutUnmade = (files: FileStates): FileStates =>
  new Map([...files].filter(([path]) => !isMadeFile(path) || existsSync(path)));

interface Keeping {
  readonly budget: MemoryBudget;
  readonly meter: ProgressMeter;
  readonly journal: RunJournal;
  readonly lock: RunLock;
  readonly limits: RunLimits;
  readonly signal: AbortSignal;
}

/** Makes tensors of recipes, then computes all items; returns before all are done when it was cancelled. */
async function makeAndCompute(
  subject: RunSubject,
  kernels: Kernels,
  { budget, meter, journal, lock, limits, signal }: Keeping,
): Promise<void> {
  const { items, files, checkpoints, store } = subject;
  // Where everything is stored already, tensors of recipes that were removed to make room are not missed.
  const isStored = subject.countStored() === items.length;
  if (!isStored) await makeRecipes(checkpoints, kernels, { budget, meter, journal, signal });
  if (signal.aborted) return;
  // Every file of the run stays open until it ends, in the state that its header told shapes and places of.
  using _files = holdFiles(kernels, { files: isStored ? withoutUnmade(files) : files });
  store.forgetSkipped();
  const run = { ...runBase(subject, kernels), budget, meter };
  await execute(items, run, { limits, signal, journal, cutOff: lock.cutOff });
}

/**
 * Computes what is missing of a study, tensors of its recipes first. Resolves when done or cancelled; a run that is killed at any moment
 * loses the tensors in flight only. Fails with `study-busy`, `file-changed`, `disk-full`, `study-read-only`, `read-failed`,
 * `library-missing`, and as making recipes does.
 */
export async function performRun(
  subject: RunSubject,
  kernels: Kernels,
  { limits, signal = new AbortController().signal, onProgress = NOBODY, onLog = NOBODY }: RunOptions,
): Promise<Progress> {
  const { folder, items } = subject;
  const budget = new MemoryBudget(limits.memoryBytes - PROCESS_BYTES);
  using meter = new ProgressMeter(budget, onProgress);
  using lock = locked(folder, meter);
  using log = new RunLog(folder, onLog);
  const journal = new RunJournal(meter, lock, log);
  try {
    meter.planned(
      items.length,
      items.reduce((sum, item) => sum + itemSeconds(item), 0),
    );
    journal.started(items.length, subject.countStored(), limits);
    meter.state('running');
    // The pool belongs to the process: while another study runs in it, its size stays.
    if (kernels.activeJobs === 0) kernels.configure(limits.threads);
    await makeAndCompute(subject, kernels, { budget, meter, journal, lock, limits, signal });
    journal.ended(meter.progress.done < items.length ? 'cancelled' : 'done');
  } catch (error) {
    journal.failed(error);
    throw error;
  }
  return meter.progress;
}

/** A run that another process holds has failed like any other. */
function locked(folder: string, meter: ProgressMeter): RunLock {
  try {
    return new RunLock(folder);
  } catch (error) {
    meter.state('failed', error);
    throw error;
  }
}

function runBase({ file, items, measures, store }: RunSubject, kernels: Kernels) {
  return {
    kernels,
    store,
    measures,
    options: file.options,
    sets: runSets(file.variants),
    hashing: new Map<string, Promise<string>>(),
    identities: new Map(filesOf(items).map((path) => [path, fileState(path)])),
  };
}
