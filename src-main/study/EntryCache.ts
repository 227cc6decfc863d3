import { entrySteps, type Entries } from './entries.ts';
import { fileStateIfThere } from './fileState.ts';
import type { Pace } from './Pace.ts';
import type { RowSource } from './rows.ts';

/** The entries of a study, made again only after something was measured or a file changed: they take most of the time of a map. */
export class EntryCache {
  readonly #files: readonly string[];
  #key = '';
  #entries: Promise<Entries> | null = null;

  /** @param files every file behind the study's checkpoints */
  constructor(files: readonly string[]) {
    this.#files = files;
  }

  read(source: RowSource, pace: Pace): Promise<Entries> {
    const key = [source.store.bindingsVersion(), ...this.#files.map(fileStateIfThere)].join(' ');
    if (key === this.#key && this.#entries) return this.#entries;
    this.#key = key;
    const reading = readEntries(source, pace);
    this.#entries = reading;
    // What could not be read is read again the next time.
    reading.catch(() => {
      if (this.#entries === reading) this.#entries = null;
    });
    return reading;
  }
}

async function readEntries(source: RowSource, pace: Pace): Promise<Entries> {
  const steps = entrySteps(source);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (pace.isDue) await pace.rest();
  }
}
