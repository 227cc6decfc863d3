import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { EngineSweep, SweepEngine, SweepWatch } from '../../src-main/api/SweepEngine.ts';
import type { PolarimeterError } from '../../src-main/contract/errors.ts';
import {
  SweepFile,
  type Exported,
  type ExportTrial,
  type SweepDocument,
  type SweepProgress,
} from '../../src-main/contract/sweep.ts';
import { finishedSweepDocument } from '../fixtures/sweepDocument.ts';

const ANSWERS = 1200;

/** What a test decides of the planted engine. */
export interface PlantedRun {
  /** Answers are given one by one as long as this says so. */
  pace: () => Promise<void>;
  fails: PolarimeterError | null;
  /** How often comparisons were made. */
  documents: number;
}

/** A sweep whose trials are those of the sample; a run takes them one after the other, as the real one does. */
class PlantedSweep implements EngineSweep {
  readonly file: SweepFile;
  readonly #folder: string;
  readonly #planted: PlantedRun;
  readonly #sample = finishedSweepDocument();

  constructor(folder: string, planted: PlantedRun) {
    this.#folder = folder;
    this.#planted = planted;
    this.file = SweepFile.parse(JSON.parse(readFileSync(join(folder, 'sweep.json'), 'utf8')));
  }

  get #done(): number {
    const path = join(this.#folder, 'done');
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  }

  get progress(): SweepProgress {
    const { length } = this.#sample.results;
    const done = this.#done;
    const state = done === 0 ? 'idle' : done === length ? 'done' : 'cancelled';
    return { ...this.#sample.progress, state, done: done * ANSWERS, total: length * ANSWERS };
  }

  document(): SweepDocument {
    this.#planted.documents += 1;
    const done = this.#done;
    const results = this.#sample.results.map((result, i) =>
      i < done ? result : { ...result, state: 'waiting' as const, probes: [], moved: null, cost: null },
    );
    const id = basename(this.#folder);
    return { ...this.#sample, id, folder: this.#folder, file: this.file, progress: this.progress, results };
  }

  async run({ signal, onProgress, onResult }: SweepWatch): Promise<SweepProgress> {
    for (let done = this.#done; done < this.#sample.results.length; done++) {
      for (let answer = 1; answer <= 40; answer++) {
        if (signal.aborted) return { ...this.progress, state: 'cancelled' };
        if (this.#planted.fails) throw this.#planted.fails;
        onProgress({ ...this.progress, state: 'running', done: done * ANSWERS + answer });
        await this.#planted.pace();
      }
      writeFileSync(join(this.#folder, 'done'), String(done + 1));
      onResult();
    }
    return this.progress;
  }

  export({ path }: ExportTrial): Promise<Exported> {
    return Promise.resolve({ path, bytes: 12, notes: ['planted'] });
  }

  [Symbol.dispose](): void {}
}

/** An engine of sweeps without models. */
export function plantedSweeps(): { engine: SweepEngine; planted: PlantedRun } {
  const planted: PlantedRun = { pace: () => Promise.resolve(), fails: null, documents: 0 };
  const { results, estimate } = finishedSweepDocument();
  const engine: SweepEngine = {
    embedded: () =>
      Promise.resolve({ available: true, engine: 'llama.cpp b1', devices: ['cpu'], reason: null }),
    obstacle: ({ path }) => (path.endsWith('rl') ? 'it has no tokenizer.json' : null),
    plan: () => Promise.resolve({ trials: results.map(({ trial }) => trial), estimate: estimate! }),
    create: (folder, file) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'sweep.json'), JSON.stringify(file));
      return new PlantedSweep(folder, planted);
    },
    open: (folder) => new PlantedSweep(folder, planted),
  };
  return { engine, planted };
}
