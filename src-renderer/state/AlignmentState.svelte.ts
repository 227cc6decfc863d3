import { ALIGNMENT_REASONS, type AlignmentReason } from '../../src-main/contract/alignment.ts';
import type { AlignmentReport } from '../../src-main/contract/alignmentReport.ts';
import { countReasons, placesNamed, setOf } from './alignmentSearch.ts';
import { Fetched } from './Fetched.svelte.ts';
import type { StudyState } from './StudyState.svelte.ts';

/** A line of the report as one number: the variant above the line, so that hundreds of thousands cost nothing. */
export type AlignmentLine = number;

const LINES = 2 ** 24;

const variantOf = (line: AlignmentLine): number => Math.floor(line / LINES);
const placeOf = (line: AlignmentLine): number => line % LINES;

/** How a tensor stands: compared whole, in part, or not. */
export const STANDINGS = {
  all: 'all',
  compared: 'compared',
  partial: 'compared in part',
  left: 'not compared',
} as const;
export type Standing = keyof typeof STANDINGS;

/** Every tensor of either side, why it is or is not compared, and what of that is shown. */
export class AlignmentState {
  readonly #study: StudyState;
  readonly report = new Fetched<AlignmentReport>();
  variant = $state<string>('');
  standing = $state<Standing>('all');
  reason = $state<AlignmentReason | ''>('');
  text = $state('');

  /** Lines of the chosen variant. */
  readonly #inVariant: readonly AlignmentLine[] = $derived.by(() => {
    const variants = this.report.value?.variants ?? [];
    return variants.flatMap(({ variant, name }, at) =>
      this.variant === '' || variant === this.variant ? Array.from(name, (_, i) => at * LINES + i) : [],
    );
  });
  readonly #partial: readonly ReadonlySet<number>[] = $derived(
    (this.report.value?.variants ?? []).map(({ partial }) => setOf(partial)),
  );
  readonly #named = $derived(placesNamed(this.report.value?.names ?? [], this.text));
  readonly lines: readonly AlignmentLine[] = $derived.by(() =>
    this.#inVariant.filter((line) => this.#isShown(line)),
  );
  readonly total = $derived(this.#inVariant.length);
  /** Reasons among the tensors of the chosen variant, the most frequent first. */
  readonly counts = $derived.by(() => countReasons(this.#inVariant.map((line) => this.reasonOf(line))));

  constructor(study: StudyState) {
    this.#study = study;
  }

  /** Asks for what is missing; call it in an effect of the page. */
  follow(): void {
    const { client, id, view } = this.#study;
    if (!view) return;
    const labels = view.variants.map(({ label }) => label);
    if (this.variant !== '' && !labels.includes(this.variant)) this.variant = '';
    void this.report.follow('', view.revision, () => client.alignmentReport(id));
  }

  showAll(): void {
    this.standing = 'all';
    this.reason = '';
    this.text = '';
    this.variant = '';
  }

  reasonOf(line: AlignmentLine): AlignmentReport['reasons'][number] {
    return this.#entry(line, 'reason', 'reasons') as AlignmentReport['reasons'][number];
  }

  nameOf = (line: AlignmentLine): string => this.#entry(line, 'name', 'names');
  moduleOf = (line: AlignmentLine): string => this.#entry(line, 'name', 'modules');
  detailOf = (line: AlignmentLine): string => this.#entry(line, 'detail', 'details');
  variantOf = (line: AlignmentLine): string => this.report.value?.variants[variantOf(line)]?.variant ?? '';
  referenceOf = (line: AlignmentLine): string =>
    this.report.value?.variants[variantOf(line)]?.reference ?? '';
  rankOf = (line: AlignmentLine): number => placeOf(line);

  /** "compared", "compared in part" or "not compared". */
  standingOf = (line: AlignmentLine): string =>
    this.reasonOf(line) !== ''
      ? STANDINGS.left
      : this.#partial[variantOf(line)]?.has(placeOf(line))
        ? STANDINGS.partial
        : STANDINGS.compared;

  shapesOf = (line: AlignmentLine): string =>
    beside(this.#entry(line, 'referenceShape', 'shapes'), this.#entry(line, 'variantShape', 'shapes'));

  dtypesOf = (line: AlignmentLine): string =>
    beside(this.#entry(line, 'referenceDtype', 'dtypes'), this.#entry(line, 'variantDtype', 'dtypes'));

  /** Why it is not compared, or a note on how it is. */
  wordsOf = (line: AlignmentLine): string => {
    const reason = this.reasonOf(line);
    const detail = this.detailOf(line);
    if (reason === '') return detail;
    return detail === '' || detail === ALIGNMENT_REASONS[reason]
      ? ALIGNMENT_REASONS[reason]
      : `${ALIGNMENT_REASONS[reason]}: ${detail}`;
  };

  #entry(
    line: AlignmentLine,
    column:
      'name' | 'reason' | 'detail' | 'referenceShape' | 'variantShape' | 'referenceDtype' | 'variantDtype',
    list: 'names' | 'modules' | 'shapes' | 'dtypes' | 'details' | 'reasons',
  ): string {
    const report = this.report.value;
    return report?.[list][report.variants[variantOf(line)]?.[column][placeOf(line)] ?? 0] ?? '';
  }

  #isShown(line: AlignmentLine): boolean {
    const reason = this.reasonOf(line);
    if (this.reason !== '' && reason !== this.reason) return false;
    if (this.standing !== 'all' && this.standingOf(line) !== STANDINGS[this.standing]) return false;
    const name = this.report.value?.variants[variantOf(line)]?.name[placeOf(line)];
    return this.#named === null || (name !== undefined && this.#named.has(name));
  }
}

/** Both sides where they differ, one where they do not; a dash for a side that has no such tensor. */
function beside(reference: string, variant: string): string {
  if (reference === variant) return reference;
  return `${reference === '' ? '–' : reference} | ${variant === '' ? '–' : variant}`;
}
