import type { Listing } from '../../src-main/contract/routes.ts';
import type { ApiClient } from '../api/ApiClient.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { desktopBridge } from './desktopBridge.ts';

/** Choosing a folder, or the file of a probe, of the engine's machine: the system's dialog for folders on the desktop, listings from the engine elsewhere. */
export class FolderBrowser {
  readonly #client: ApiClient;
  #answer: ((path: string | null) => void) | null = null;
  #questions = 0;
  isOpen = $state(false);
  title = $state('');
  /** What is chosen: a folder or checkpoint, or a probe. */
  wanted = $state<'folder' | 'probe'>('folder');
  listing = $state.raw<Listing | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** The path as typed. */
  typed = $state('');

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** Resolves to the chosen path, or null. Starts at a path, or where the last choice was made, or at home. */
  async choose(title: string, start: string, wanted: 'folder' | 'probe' = 'folder'): Promise<string | null> {
    const desktop = desktopBridge();
    if (desktop && wanted === 'folder') return desktop.chooseFolder();
    this.title = title;
    this.wanted = wanted;
    this.isOpen = true;
    await this.go(start.trim() === '' ? (this.listing?.path ?? null) : start.trim());
    if (this.problem) await this.go(null);
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  /** What is shown of the listing: probes only where one is chosen. */
  readonly entries = $derived.by(() =>
    (this.listing?.entries ?? []).filter(({ kind }) => kind !== 'probe' || this.wanted === 'probe'),
  );

  /** Lists a folder. Only the latest question is answered, and what was typed in the meantime stays. */
  async go(path: string | null): Promise<void> {
    const question = ++this.#questions;
    const typed = this.typed;
    try {
      const listing = await this.#client.browse(path);
      if (question !== this.#questions) return;
      this.listing = listing;
      if (this.typed === typed) this.typed = listing.path;
      this.problem = null;
    } catch (error) {
      if (question === this.#questions) this.problem = problemOf(error);
    }
  }

  close(path: string | null): void {
    this.isOpen = false;
    this.#answer?.(path);
    this.#answer = null;
  }
}
