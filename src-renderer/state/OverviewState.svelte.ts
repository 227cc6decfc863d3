import { overviewLines } from '../../src-main/figures/overview.ts';
import type { Row } from '../../src-main/contract/rows.ts';
import { Fetched } from './Fetched.svelte.ts';
import type { StudyState } from './StudyState.svelte.ts';

/** The headline measures, or all of them, over the model or the brushed part of it. */
export class OverviewState {
  readonly #study: StudyState;
  readonly rows = new Fetched<readonly Row[]>();
  showsAll = $state(false);

  readonly measures = $derived.by(() =>
    this.#study.measures.filter(({ headline, arity }) => arity === 'variant' && (headline || this.showsAll)),
  );
  readonly lines = $derived.by(() => {
    const { styles, selection, view } = this.#study;
    return overviewLines({
      measures: this.measures,
      rows: this.rows.value ?? [],
      styles,
      references: view?.references ?? [],
      isWhole: selection.isEmpty,
    });
  });
  /** Lines that only say why there is no number yet would bury the one thing to do, which is to run. */
  readonly hasValues = $derived(
    this.lines.some(({ cells }) => cells.some((row) => row !== null && row.value !== null)),
  );

  constructor(study: StudyState) {
    this.#study = study;
  }

  /** Asks for what is missing; call it in an effect of the page. */
  follow(): void {
    const { client, id, per, revision, perNorm, selection } = this.#study;
    const measure = this.measures.map((info) => info.id);
    const part = selection.query;
    const key = JSON.stringify([perNorm, this.showsAll, part]);
    void this.rows.follow(key, revision, () =>
      client.rows(id, { level: ['overall'], measure, per, ...part }),
    );
  }
}
