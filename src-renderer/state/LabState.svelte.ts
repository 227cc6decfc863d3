import type { LabView } from '../../src-main/contract/sweep.ts';
import { LabClient } from '../api/LabClient.ts';
import { Fetched } from './Fetched.svelte.ts';
import type { StudyState } from './StudyState.svelte.ts';
import { SweepDraft } from './SweepDraft.svelte.ts';
import { SweepState } from './SweepState.svelte.ts';

/** What the address says instead of a sweep while a new one is thought of. */
export const NEW_SWEEP = 'new';

/** The experiments of a study: its sweeps, the one on screen, and the one that is being thought of. */
export class LabState {
  readonly #study: StudyState;
  readonly client: LabClient;
  readonly view = new Fetched<LabView>();
  sweep = $state.raw<SweepState | null>(null);
  /** Kept while another page is on screen; made anew after it became a sweep. */
  draft = $state.raw<SweepDraft | null>(null);

  constructor(study: StudyState) {
    this.#study = study;
    this.client = new LabClient(study.client, study.id);
  }

  async load(): Promise<void> {
    await this.view.ask(() => this.client.view());
    const { value } = this.view;
    if (value && this.draft === null) this.draft = new SweepDraft(this.client, value);
  }

  /** The sweeps of the list; of the one on screen as it stands now. */
  readonly sweeps: LabView['sweeps'] = $derived.by(() =>
    (this.view.value?.sweeps ?? []).map((listed) => {
      const { document, progress } = this.sweep ?? {};
      if (this.sweep?.id !== listed.id || !document || !progress) return listed;
      const done = document.results.filter(({ state }) => state === 'done').length;
      return { ...listed, state: progress.state, trials: document.results.length, done };
    }),
  );

  /** The sweep that an address shows: the one it names, else the newest; null for a new one. */
  shown(named: string | undefined): string | null {
    if (named === NEW_SWEEP) return null;
    return named ?? this.view.value?.sweeps.at(-1)?.id ?? null;
  }

  show(id: string | null): void {
    if (id === (this.sweep?.id ?? null)) return;
    this.sweep = id === null ? null : new SweepState(this.client, this.#study, id);
  }

  /** Makes the sweep of the form and starts it; its id, or null when that failed. */
  async create(): Promise<string | null> {
    const id = (await this.draft?.create()) ?? null;
    if (id === null) return null;
    this.draft = null;
    await this.load();
    return id;
  }
}
