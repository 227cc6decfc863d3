import { untrack } from 'svelte';
import type { Curve, Row } from '../../src-main/contract/rows.ts';
import type { StepsDocument } from '../../src-main/contract/stripes.ts';
import type { AngleCut } from '../../src-main/figures/angleCurves.ts';
import type { SpectrumRange } from '../../src-main/figures/spectra.ts';
import type { TensorSubject } from '../../src-main/figures/tensorSubject.ts';
import { Fetched } from './Fetched.svelte.ts';
import type { StudyState } from './StudyState.svelte.ts';
import { TensorDirectory, type TensorEntry } from './TensorDirectory.ts';

/** Matrices with more elements than this are read for steps by magnitude only when that is asked for. */
const MOST_UNASKED = 2 ** 26;

/** The list of tensors, and all that is known of the chosen one. */
export class TensorState {
  readonly #study: StudyState;
  /** Ends the pass over the weights of a tensor that is no longer on screen. */
  #reading = new AbortController();
  readonly directory = new Fetched<TensorDirectory>();
  readonly rows = new Fetched<readonly Row[]>();
  readonly curves = new Fetched<readonly Curve[]>();
  readonly steps = new Fetched<StepsDocument>();
  /** The tensor on screen; null before the first one. */
  name = $state<string | null>(null);
  typed = $state('');
  /** Pixels. */
  listWidth = $state(300);
  isListOpen = $state(false);

  spectrumRange = $state<SpectrumRange>('all');
  isSpectrumLog = $state(true);
  isNormalised = $state(false);
  cut = $state<AngleCut>('head');
  areAnglesLog = $state(true);
  isUpdateLog = $state(true);
  areStepsLog = $state(false);
  stepsVariant = $state<string | null>(null);
  stepsAskedFor = $state<string | null>(null);

  readonly entry: TensorEntry | null = $derived(
    this.name === null ? null : (this.directory.value?.find(this.name) ?? null),
  );
  /** Tensors of the list: of the brushed part of the model, and those that match what is typed. */
  readonly listed: readonly TensorEntry[] = $derived.by(() => {
    const { selection } = this.#study;
    const directory = this.directory.value;
    if (!directory) return [];
    const found = this.typed.trim() === '' ? directory.entries : directory.search(this.typed);
    if (selection.isEmpty) return found;
    return found.filter(({ layer, layout }) => selection.has({ layer, module: layout.module }));
  });
  readonly subject: TensorSubject | null = $derived.by(() => {
    const { entry } = this;
    const [rows, curves] = [this.rows.value, this.curves.value];
    if (!entry || rows === null || curves === null) return null;
    const { name, layout, fate } = entry;
    return { name, layout, fate, rows, curves, styles: this.#study.styles };
  });
  /** The variant whose steps are shown by magnitude: the chosen one, or the first on screen that compares the tensor. */
  readonly chosenSteps = $derived.by(() => {
    const labels = this.comparedStyles.map(({ label }) => label);
    return labels.find((label) => label === this.stepsVariant) ?? labels[0] ?? null;
  });

  constructor(study: StudyState) {
    this.#study = study;
  }

  get comparedStyles() {
    const variants = this.#study.view?.file.variants ?? [];
    const compared = this.entry?.fate.compared.map((place) => variants[place]?.label) ?? [];
    return this.#study.styles.filter(({ label }) => compared.includes(label));
  }

  /** Whether steps by magnitude are worth a pass over the weights without being asked for. */
  get readsSteps(): boolean {
    const { rows, cols } = this.entry?.layout.matrix ?? { rows: 0, cols: 0 };
    return rows * cols <= MOST_UNASKED || this.stepsAskedFor === this.name;
  }

  /** Asks for the list of tensors. */
  followDirectory(): void {
    const { client, id, view } = this.#study;
    if (!view) return;
    const { variants, options } = view.file;
    void this.directory.follow(
      JSON.stringify([variants, options]),
      0,
      async () => new TensorDirectory(await client.tensors(id)),
    );
  }

  /** Asks for what is missing; call it in an effect of the page. */
  follow(): void {
    this.followDirectory();
    const { client, id, revision } = this.#study;
    const { entry } = this;
    if (!entry) return;
    const { name } = entry;
    void this.rows.follow(name, revision, () => client.rows(id, { level: ['tensor'], tensor: [name] }));
    void this.curves.follow(name, revision, async () =>
      entry.fate.compared.length === 0 ? [] : client.curves(id, name),
    );
  }

  /** Asks for the steps of the chosen variant; call it in an effect of the figure. */
  followSteps(): void {
    const { client, id, revision } = this.#study;
    const [tensor, variant] = [this.name, this.chosenSteps];
    if (tensor === null || variant === null || !this.readsSteps) return;
    // Weights do not change with results; but what failed may be there now, e.g. a tensor of a recipe after a run.
    const failed = untrack(() => this.steps.problem !== null);
    void this.steps.follow(JSON.stringify([tensor, variant]), failed ? revision : 0, () => {
      this.#reading.abort();
      this.#reading = new AbortController();
      return client.steps(id, { tensor, variant }, this.#reading.signal);
    });
  }
}
