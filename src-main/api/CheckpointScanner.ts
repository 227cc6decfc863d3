import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { checkpointStep } from '../checkpoint/checkpointTitle.ts';
import { CheckpointWalk } from '../checkpoint/CheckpointWalk.ts';
import { accessing } from '../checkpoint/fileErrors.ts';
import { readHints } from '../checkpoint/readHints.ts';
import type { CheckpointScan, DiscoveredCheckpoint } from '../contract/discovery.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { OwnRoots } from './OwnRoots.ts';

type Found = CheckpointWalk['found'][number];

/** Longest stretch of looking at folders before other requests get their turn. */
const SLICE_MILLIS = 12;

/** The outermost folder that still has the same step number lies in the folder of the run. */
function trajectoryOf({ path, step }: Found): string | null {
  if (step === null) return null;
  let folder = path;
  while (checkpointStep(dirname(folder)) === step) folder = dirname(folder);
  return dirname(folder);
}

const NOTHING = { state: 'idle', folders: 0, current: null, millis: 0, found: [], rejected: [] } as const;

/** Looks for checkpoints on this machine, one search at a time, in slices that let everything else go on. */
export class CheckpointScanner {
  readonly #usual: readonly string[];
  readonly #own: OwnRoots;
  readonly #log: (message: string) => void;
  readonly #known = new Map<string, DiscoveredCheckpoint>();
  #latest: Omit<CheckpointScan, 'roots'> = { ...NOTHING, found: [], rejected: [] };
  #walk: CheckpointWalk | null = null;
  #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** @param usual folders in which programs keep models, whether they exist or not */
  constructor(usual: readonly string[], own: OwnRoots, log: (message: string) => void) {
    this.#usual = usual;
    this.#own = own;
    this.#log = log;
  }

  view(): CheckpointScan {
    const found = this.#walk?.found.map((each) => this.#described(each)) ?? this.#latest.found;
    return {
      ...this.#latest,
      folders: this.#walk?.folders ?? this.#latest.folders,
      found,
      roots: this.#roots(),
    };
  }

  /** Starts a search; one that goes on is left alone. */
  scan(): CheckpointScan {
    if (this.#walk === null) {
      this.#abort = new AbortController();
      this.#known.clear();
      this.#running = this.#search(this.#abort.signal);
    }
    return this.view();
  }

  async cancel(): Promise<CheckpointScan> {
    this.#abort.abort();
    await this.#running;
    return this.view();
  }

  /** Replaces the user's own folders and searches anew. fails path-not-found, path-not-readable and usage for what is no folder */
  async setRoots(roots: readonly string[]): Promise<CheckpointScan> {
    const absolute = [...new Set(roots.map((root) => resolve(root)))];
    for (const root of absolute) {
      if (!this.#own.list().includes(root) && !accessing(root, () => statSync(root)).isDirectory())
        throw new PolarimeterError('usage', 'this is a file; name the folder that holds checkpoints', root);
    }
    this.#own.set(absolute.filter((root) => !this.#usual.includes(root)));
    await this.cancel();
    return this.scan();
  }

  #roots(): CheckpointScan['roots'] {
    const root = (kind: 'usual' | 'own') => (path: string) => ({
      path,
      kind,
      isThere: statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
    });
    return [...this.#own.list().map(root('own')), ...this.#usual.map(root('usual'))];
  }

  async #search(signal: AbortSignal): Promise<void> {
    const walk = new CheckpointWalk();
    const began = performance.now();
    this.#walk = walk;
    this.#latest = { ...NOTHING, state: 'scanning', found: [], rejected: [] };
    try {
      const roots = this.#roots().filter(({ isThere }) => isThere);
      for (const { path } of roots) await this.#searchBelow(path, walk, signal);
    } catch (error) {
      // A bug in the reader of one file must not take the engine with it; what was found stays.
      this.#log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    const { found, rejected } = walk.result;
    this.#latest = {
      state: signal.aborted ? 'cancelled' : 'done',
      folders: walk.folders,
      current: null,
      millis: performance.now() - began,
      found: found.map((each) => this.#described(each)),
      rejected: rejected.map(({ path, error }) => ({ path, reason: error.message })),
    };
    this.#walk = null;
  }

  async #searchBelow(root: string, walk: CheckpointWalk, signal: AbortSignal): Promise<void> {
    let slice = performance.now();
    for (const folder of walk.search(root)) {
      if (signal.aborted) return;
      if (performance.now() - slice < SLICE_MILLIS) continue;
      this.#latest = { ...this.#latest, current: folder };
      await turn();
      slice = performance.now();
    }
  }

  /** With what its files say; read once, and under the title that names the refs. */
  #described(found: Found): DiscoveredCheckpoint {
    const known = this.#known.get(found.path);
    if (known) return { ...known, title: found.title };
    const contents = this.#walk?.contents(found.path) ?? { architecture: null, dtypes: [], tensors: 0 };
    const described = {
      ...found,
      ...contents,
      dtypes: [...contents.dtypes],
      hints: readHints(found.path),
      trajectory: trajectoryOf(found),
    };
    this.#known.set(found.path, described);
    return described;
  }
}
