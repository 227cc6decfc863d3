import { existsSync, readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import type { ExportState } from '../contract/exportState.ts';
import {
  type ExportTrial,
  type LabView,
  type SweepDocument,
  type SweepFile,
  type SweepPlan,
  type SweepProgress,
} from '../contract/sweep.ts';
import { refuseTaken } from './exportTrial.ts';
import { RunningSweep } from './RunningSweep.ts';
import type { SweepEngine } from './SweepEngine.ts';

const ID = /^[a-z0-9][a-z0-9-]{0,79}$/;

/** A name for a folder, from a name for people. */
function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-|-$/g, '');
  return slug || 'sweep';
}

/** The sweeps of all studies: each lies in STUDY/sweeps/ID. One run each, any number of listeners. */
export class LabSweeps {
  readonly engine: SweepEngine;
  readonly #log: (message: string) => void;
  readonly #open = new Map<string, RunningSweep>();

  constructor(engine: SweepEngine, log: (message: string) => void) {
    this.engine = engine;
    this.#log = log;
  }

  /** Newest last. One that cannot be read is left out, and why goes to the log. */
  list(study: string): LabView['sweeps'] {
    return this.documents(study).map(({ id, file, progress, results }) => ({
      id,
      name: file.name,
      state: progress.state,
      trials: results.length,
      done: results.filter(({ state }) => state === 'done').length,
    }));
  }

  documents(study: string): SweepDocument[] {
    const folder = join(study, 'sweeps');
    if (!existsSync(folder)) return [];
    const ids = readdirSync(folder).filter((id) => ID.test(id) && existsSync(join(folder, id, 'sweep.json')));
    return ids
      .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .flatMap((id) => {
        try {
          return [this.get(study, id).document()];
        } catch (error) {
          if (!(error instanceof PolarimeterError)) throw error;
          this.#log(`${join(folder, id)}: ${error.message}`);
          return [];
        }
      });
  }

  async plan(file: SweepFile): Promise<SweepPlan> {
    requireAbsolute(file);
    return this.engine.plan(file);
  }

  /** Makes the folder of a sweep and returns its id. Nothing is evaluated yet. fails sweep-invalid, and as planning does */
  create(study: string, file: SweepFile): string {
    requireAbsolute(file);
    const id = this.#freeId(study, slugOf(file.name));
    const folder = join(study, 'sweeps', id);
    this.#open.set(folder, new RunningSweep(this.engine.create(folder, file), this.#log));
    return id;
  }

  /** fails not-found, and as opening does */
  get(study: string, id: string): RunningSweep {
    const folder = join(study, 'sweeps', id);
    const open = this.#open.get(folder);
    if (open) return open;
    if (!ID.test(id) || !existsSync(join(folder, 'sweep.json')))
      throw new PolarimeterError('not-found', 'this study has no sweep of this name', id);
    const sweep = new RunningSweep(this.engine.open(folder), this.#log);
    this.#open.set(folder, sweep);
    return sweep;
  }

  run(study: string, id: string): SweepProgress {
    return this.get(study, id).run();
  }

  cancel(study: string, id: string): SweepProgress {
    return this.get(study, id).cancel();
  }

  /** Starts it. fails usage for a path that is not absolute or a trial that is not there, output-exists, export-busy */
  export(study: string, id: string, request: ExportTrial): ExportState {
    if (!isAbsolute(request.path))
      throw new PolarimeterError('usage', 'the path of an export must be absolute', request.path);
    refuseTaken(request.path);
    const sweep = this.get(study, id);
    if (!sweep.document().results.some(({ trial }) => trial.id === request.trial))
      throw new PolarimeterError('usage', 'this sweep has no such trial', request.trial);
    return sweep.export(request);
  }

  /** fails usage where nothing was exported */
  cancelExport(study: string, id: string): ExportState {
    return this.get(study, id).cancelExport();
  }

  /** Cancels what runs, waits for it and ends every event stream. */
  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((sweep) => sweep.close()));
    this.#open.clear();
  }

  #freeId(study: string, slug: string): string {
    for (let n = 1; ; n++) {
      const id = n === 1 ? slug : `${slug}-${String(n)}`;
      if (!existsSync(join(study, 'sweeps', id))) return id;
    }
  }
}

/** A page has no folder that paths could be relative to. */
function requireAbsolute({ target, donor, reference, others, probes, grid }: SweepFile): void {
  const models = [target, donor, ...(reference ? [reference] : []), ...others];
  const recipes = grid.flatMap((entry) => (entry.kind === 'recipes' ? entry.paths : []));
  const paths = [...models.map(({ path }) => path), ...probes.map(({ path }) => path), ...recipes];
  const relative = paths.find((path) => !isAbsolute(path));
  if (relative !== undefined)
    throw new PolarimeterError('usage', 'paths of a sweep must be absolute', relative);
}
