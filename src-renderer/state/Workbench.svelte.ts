import type { Health, StudySummary } from '../../src-main/contract/routes.ts';
import type { ApiClient } from '../api/ApiClient.ts';
import { type Problem, problemOf } from '../api/problem.ts';

export type Place = { readonly page: 'start' } | { readonly page: 'study'; readonly id: string };

/** The address after "#": /study/ID, or the start page. */
export function placeOf(hash: string): Place {
  const id = /^#\/study\/([A-Za-z0-9_-]+)$/.exec(hash)?.[1];
  return id === undefined ? { page: 'start' } : { page: 'study', id };
}

/** Where the user is, what the engine can do, and which studies there are. */
export class Workbench {
  readonly client: ApiClient;
  place = $state.raw<Place>(placeOf(location.hash));
  health = $state.raw<Health | null>(null);
  studies = $state.raw<readonly StudySummary[] | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** What is being opened right now, for the button that says so. */
  opening = $state<'demo' | 'study' | null>(null);

  constructor(client: ApiClient) {
    this.client = client;
    addEventListener('hashchange', () => {
      this.place = placeOf(location.hash);
      this.problem = null;
      if (this.place.page === 'start') void this.refresh();
    });
    void this.refresh();
  }

  /** Asks for the engine's state and the recent studies. */
  async refresh(): Promise<void> {
    await this.#attempt(async () => {
      [this.health, this.studies] = await Promise.all([this.client.health(), this.client.studies()]);
    });
  }

  async openDemo(): Promise<void> {
    this.opening = 'demo';
    await this.#attempt(async () => this.show(await this.client.openDemo()));
    this.opening = null;
  }

  async open(path: string): Promise<void> {
    this.opening = 'study';
    await this.#attempt(async () => this.show(await this.client.open(path)));
    this.opening = null;
  }

  show(id: string): void {
    location.hash = `#/study/${id}`;
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.problem = null;
    try {
      await work();
    } catch (error) {
      this.problem = problemOf(error);
    }
  }
}
