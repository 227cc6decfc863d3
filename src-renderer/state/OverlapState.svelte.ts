import { consensusPanels } from '../../src-main/figures/consensusBars.ts';
import { labelledScale } from '../../src-main/figures/labelledMap.ts';
import {
  asksBothWays,
  overlapByPlace,
  overlapMatrices,
  pairedRuns,
  type OverlapInput,
  type OverlapPart,
  type RunPair,
} from '../../src-main/figures/overlap.ts';
import { partnerOf } from '../../src-main/figures/heatmapPanels.ts';
import type { Consensus, Row } from '../../src-main/contract/rows.ts';
import { ROLE_NAMES } from '../views/roleNames.ts';
import { Fetched } from './Fetched.svelte.ts';
import type { StudyState } from './StudyState.svelte.ts';

/** More pairs than these are shown by layer and module for one run at a time. */
const MOST_PAIRS = 40;
const USUAL = 'overlap.jaccard';

/** What runs from the same reference have in common, over the model or the brushed part of it. */
export class OverlapState {
  readonly #study: StudyState;
  readonly rows = new Fetched<readonly Row[]>();
  readonly sets = new Fetched<readonly Consensus[]>();
  chosenMeasure = $state<string | null>(null);
  part = $state<OverlapPart>('difference');
  logShares = $state(false);
  /** The run whose pairs are shown by layer and module; null is all. */
  chosenRun = $state<string | null>(null);
  /** The pair under the cursor, marked in every figure. */
  pair = $state.raw<RunPair | null>(null);

  readonly measures = $derived.by(() =>
    this.#study.measures.filter(({ arity }) => arity === 'pair-of-variants'),
  );
  readonly measure = $derived.by(
    () =>
      this.measures.find(({ id }) => id === this.chosenMeasure) ??
      this.measures.find(({ id }) => id === USUAL) ??
      this.measures[0] ??
      null,
  );
  readonly ordered = $derived.by(() =>
    asksBothWays((this.rows.value ?? []).filter(({ level }) => level === 'overall')),
  );
  readonly matrices = $derived.by(() => overlapMatrices(this.#input));
  /** Labels of runs that have a partner, in the order in which they are shown. */
  readonly runs: readonly string[] = $derived.by(() => pairedRuns(this.matrices, this.#study.styles));
  readonly #pairCount = $derived.by(
    () => this.matrices.reduce((sum, { cells }) => sum + cells.length, 0) / (this.ordered ? 1 : 2),
  );
  readonly mustChoose = $derived(this.#pairCount > MOST_PAIRS);
  readonly run = $derived.by(() => {
    const chosen = this.runs.find((label) => label === this.chosenRun);
    return chosen ?? (this.mustChoose ? (this.runs[0] ?? null) : null);
  });
  readonly byPlace = $derived.by(() => {
    const { view } = this.#study;
    const input = { ...this.#input, rows: this.#rowsOfRun };
    return [
      overlapByPlace(input, 'layer', (view?.layers ?? []).map(String)),
      overlapByPlace(input, 'module', view?.modules ?? []),
    ].filter(({ cells }) => cells.length > 0);
  });
  /** One scale for the matrices and one for their parts, which reach further. Differences are centred on 0. */
  readonly isSigned = $derived.by(() => this.part === 'difference' || this.measure?.unit === 'cosine');
  readonly scale = $derived.by(() => labelledScale(this.matrices, this.isSigned));
  readonly placeScale = $derived.by(() => labelledScale(this.byPlace, this.isSigned));
  readonly consensus = $derived.by(() =>
    consensusPanels(
      this.sets.value ?? [],
      this.#study.styles.map(({ label }) => label),
      ({ role, reference, runs }) => ({
        title: `${ROLE_NAMES[role]} from ${reference}, ${String(runs.length)} runs`,
        colour: this.#study.allStyles.find((style) => style.role === role)?.colour ?? '',
      }),
    ),
  );

  constructor(study: StudyState) {
    this.#study = study;
  }

  /** Asks for what is missing; call it in an effect of the page. */
  follow(): void {
    const { client, id, revision, selection } = this.#study;
    const part = selection.query;
    const key = JSON.stringify(part);
    void this.sets.follow(key, revision, () => client.consensus(id, part));
    const { measure } = this;
    if (!measure) return;
    void this.rows.follow(`${measure.id} ${key}`, revision, () =>
      client.rows(id, { measure: [measure.id], level: ['overall', 'layer', 'module'], ...part }),
    );
  }

  get #input(): OverlapInput {
    const { styles } = this.#study;
    return { rows: this.rows.value ?? [], styles, part: this.part, ordered: this.ordered };
  }

  get #rowsOfRun(): readonly Row[] {
    const { run } = this;
    const rows = this.rows.value ?? [];
    return run === null ? rows : rows.filter((row) => row.variant === run || partnerOf(row) === run);
  }
}
