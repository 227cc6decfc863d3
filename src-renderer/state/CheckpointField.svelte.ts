import type { InspectionSummary } from '../../src-main/contract/routes.ts';
import type { ApiClient } from '../api/ApiClient.ts';
import { type Problem, problemOf } from '../api/problem.ts';

const EMPTY: Problem = {
  code: 'usage',
  message: 'no checkpoint is named',
  where: null,
  cause: 'the field is empty',
  remedy: 'type a path or browse for the folder',
};

/** A path in a form and what the engine found there. */
export class CheckpointField {
  readonly #client: ApiClient;
  path = $state('');
  found = $state.raw<InspectionSummary | null>(null);
  problem = $state.raw<Problem | null>(null);
  isChecking = $state(false);
  #checked: string | null = null;
  #checking: Promise<void> = Promise.resolve();

  readonly isCheckpoint = $derived(this.found?.kind === 'checkpoint');
  /** An adapter whose own base is not on this machine: it can be laid on what it is compared with. */
  readonly isOrphan = $derived(this.problem?.code === 'adapter-base-missing');

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** Looks at the path unless that was done already; resolves when it is known what is there. */
  check(): Promise<void> {
    const path = this.path.trim();
    if (path !== this.#checked) {
      this.#checked = path;
      this.#checking = this.#look(path);
    }
    return this.#checking;
  }

  /** An answer that comes after the path was changed again is dropped. */
  async #look(path: string): Promise<void> {
    this.found = null;
    this.problem = path === '' ? EMPTY : null;
    this.isChecking = path !== '';
    if (path === '') return;
    let found: InspectionSummary | null = null;
    let problem: Problem | null = null;
    try {
      found = await this.#client.inspect(path);
    } catch (error) {
      problem = problemOf(error);
    }
    if (path !== this.#checked) return;
    this.found = found;
    this.problem = problem;
    this.isChecking = false;
  }

  async choose(path: string): Promise<void> {
    this.path = path;
    await this.check();
  }

  /** Empty, and nothing said about it. */
  clear(): void {
    this.path = '';
    this.#checked = null;
    this.found = null;
    this.problem = null;
    this.isChecking = false;
  }
}
