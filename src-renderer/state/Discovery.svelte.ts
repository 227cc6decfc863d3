import uFuzzy from '@leeoniya/ufuzzy';
import { SvelteSet } from 'svelte/reactivity';
import type { CheckpointScan, DiscoveredCheckpoint } from '../../src-main/contract/discovery.ts';
import type { ApiClient } from '../api/ApiClient.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { discoveredRows, type DiscoveredRow } from './discoveredRows.ts';

const POLL_MILLIS = 400;

const fuzzy = new uFuzzy();

/** The checkpoints of the engine's machine: the search for them, and what of them is listed. */
export class Discovery {
  readonly #client: ApiClient;
  scan = $state.raw<CheckpointScan | null>(null);
  problem = $state.raw<Problem | null>(null);
  text = $state('');
  /** Folders of runs whose steps are listed. */
  readonly opened = new SvelteSet<string>();
  #isFollowing = false;
  #isGone = false;

  readonly isScanning = $derived(this.scan?.state === 'scanning');
  readonly found: readonly DiscoveredCheckpoint[] = $derived(this.scan?.found ?? []);
  readonly #haystack = $derived(
    this.found.map(({ title, path, architecture }) => `${title} ${architecture ?? ''} ${path}`),
  );
  readonly matching: readonly DiscoveredCheckpoint[] = $derived.by(() => {
    const places = this.text.trim() === '' ? null : fuzzy.filter([...this.#haystack], this.text.trim());
    return places === null ? this.found : places.flatMap((place) => this.found[place] ?? []);
  });
  readonly rows: readonly DiscoveredRow[] = $derived.by(() =>
    discoveredRows(this.matching, (folder) => this.opened.has(folder)),
  );

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** Shows what is known, and searches when nobody has yet. */
  async begin(): Promise<void> {
    await this.#ask(() => this.#client.checkpoints());
    if (this.scan?.state === 'idle') await this.#ask(() => this.#client.scanCheckpoints());
    await this.#follow();
  }

  async search(): Promise<void> {
    await this.#ask(() => this.#client.scanCheckpoints());
    await this.#follow();
  }

  async cancel(): Promise<void> {
    await this.#ask(() => this.#client.cancelScan());
  }

  /** False when the folder cannot be searched; `problem` says why. */
  async addRoot(path: string): Promise<boolean> {
    await this.#ask(() => this.#client.setRoots([...this.#own(), path]));
    void this.#follow();
    return this.problem === null;
  }

  async removeRoot(path: string): Promise<void> {
    await this.#ask(() => this.#client.setRoots(this.#own().filter((root) => root !== path)));
    void this.#follow();
  }

  toggle(folder: string): void {
    if (!this.opened.delete(folder)) this.opened.add(folder);
  }

  /** Checkpoints whose folder, run or repository has a name. */
  named(name: string): DiscoveredCheckpoint[] {
    const last = (path: string): string => path.split(/[/\\]/).findLast((part) => part !== '') ?? '';
    return this.found.filter(
      ({ path, trajectory, title }) =>
        last(path) === name ||
        (trajectory !== null && last(trajectory) === name) ||
        last(title.split('@')[0] ?? '') === name,
    );
  }

  leave(): void {
    this.#isGone = true;
  }

  #own(): string[] {
    return (this.scan?.roots ?? []).filter(({ kind }) => kind === 'own').map(({ path }) => path);
  }

  async #ask(question: () => Promise<CheckpointScan>): Promise<void> {
    try {
      this.scan = await question();
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  async #follow(): Promise<void> {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    while (this.isScanning && this.problem === null && !this.#isGone) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS));
      await this.#ask(() => this.#client.checkpoints());
    }
    this.#isFollowing = false;
  }
}
