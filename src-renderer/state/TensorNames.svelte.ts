import { Fetched } from './Fetched.svelte.ts';
import type { StudyState } from './StudyState.svelte.ts';

/** The names of all tensors of a study, asked for when somebody searches. */
export class TensorNames {
  readonly #study: StudyState;
  readonly names = new Fetched<readonly string[]>();

  constructor(study: StudyState) {
    this.#study = study;
  }

  follow(): void {
    const { client, id } = this.#study;
    void this.names.follow('names', 0, async () => {
      const { tensors, fates } = await client.tensors(id);
      return tensors.flatMap(({ name, fate }) => (fates[fate]?.compared.length ? [name] : []));
    });
  }
}
