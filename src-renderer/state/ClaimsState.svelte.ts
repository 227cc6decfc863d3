import type { ClaimsDocument } from '../../src-main/contract/claim.ts';
import { Fetched } from './Fetched.svelte.ts';
import type { StudyState } from './StudyState.svelte.ts';

/** What the stored results say about published claims; as of the end of the last run, because a ledger of a part of the model misleads. */
export class ClaimsState {
  readonly #study: StudyState;
  readonly ledger = new Fetched<ClaimsDocument>();

  constructor(study: StudyState) {
    this.#study = study;
  }

  /** Asks for what is missing; call it in an effect of the page. */
  follow(): void {
    const { client, id, isRunning, revision } = this.#study;
    if (isRunning && this.ledger.value !== null) return;
    void this.ledger.follow('', revision, () => client.claims(id));
  }
}
