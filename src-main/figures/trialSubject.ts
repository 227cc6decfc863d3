import { formatValue } from '../contract/format.ts';
import type { Paired } from '../contract/probe.ts';
import type { SweepDocument, Trial, TrialProbe, TrialResult } from '../contract/sweep.ts';
import type { Marker, VariantStyle } from './variantStyle.ts';

/** What is drawn of a trial on a probe: the share of problems solved, or the share of what was lost that came back. */
export const TRIAL_SCALES = ['recovery', 'accuracy'] as const;
export type TrialScale = (typeof TRIAL_SCALES)[number];

/** A test counts below this, after Holm's correction. */
export const LEVEL = 0.05;

/** Families of trials as people call them. */
const FAMILY_NAMES: Readonly<Record<string, string>> = {
  restore: 'directions restored',
  'reset-layers': 'layers reset',
  interpolate: 'part of the way to the donor',
  'truncate-update': 'update truncated',
  recipe: 'recipe file',
  'random-layers': 'as many layers at random',
  'random-step': 'random step, equally long',
  'matched-roll-back': 'straight to the donor, equally long',
  'full-roll-back': 'everything from the donor',
  embeddings: 'embeddings and head alone',
};
export const familyName = (family: string): string => FAMILY_NAMES[family] ?? family;

/** The trials of a sweep as figures and tables show them. */
export interface TrialSubject {
  /** Without those that successive halving dropped: their answers are of other problems than the rest. */
  readonly results: readonly TrialResult[];
  /** Probes in the order of the sweep, out of distribution first. */
  readonly probes: readonly { readonly name: string; readonly kind: TrialProbe['kind'] }[];
  /** By id of the trial. */
  readonly styles: ReadonlyMap<string, VariantStyle>;
  readonly scale: TrialScale;
  /** How many tests the correction is over. */
  readonly comparisons: number;
}

/** Families of repairs keep colour and marker on the whole page; a control has the marker of what it does, hollow and grey. */
const REPAIRS: Readonly<Record<string, readonly [colour: string, marker: Marker]>> = {
  restore: ['#009E73', 'circle'],
  'reset-layers': ['#CC79A7', 'square'],
  interpolate: ['#56B4E9', 'triangle'],
  'truncate-update': ['#E69F00', 'diamond'],
};
const OTHER_REPAIR = ['#0072B2', 'wedge'] as const;
const CONTROL_COLOUR = '#7a8288';
const CONTROL_MARKERS: readonly Marker[] = ['diamond', 'triangle', 'circle', 'square', 'wedge', 'cross'];
const MODEL_COLOUR = '#7a8288';

function styleOf(trial: Trial, controls: readonly string[], known: readonly VariantStyle[]): VariantStyle {
  const shared = { label: trial.label, role: 'other', dash: 'solid' } as const;
  if (trial.kind === 'model') {
    const variant = known.find(({ label }) => label === trial.label);
    return { ...shared, colour: MODEL_COLOUR, marker: 'cross', ...variant, point: 'full' };
  }
  if (trial.kind === 'control') {
    const marker = CONTROL_MARKERS[controls.indexOf(trial.family) % CONTROL_MARKERS.length] ?? 'cross';
    return { ...shared, colour: CONTROL_COLOUR, marker, point: 'hollow' };
  }
  const [colour, marker] = REPAIRS[trial.family] ?? OTHER_REPAIR;
  return { ...shared, colour, marker, point: 'full' };
}

/** @param known styles of the variants of the study: a model keeps the one that it has on other pages */
export function trialSubject(
  { results, file, comparisons }: Pick<SweepDocument, 'results' | 'file' | 'comparisons'>,
  known: readonly VariantStyle[],
  scale: TrialScale,
): TrialSubject {
  const controls = [
    ...new Set(results.flatMap(({ trial }) => (trial.kind === 'control' ? [trial.family] : []))),
  ];
  const probes = file.probes.map(({ name, kind }) => ({ name, kind }));
  return {
    results: results.filter(({ state }) => state !== 'dropped'),
    probes: [...probes.filter(({ kind }) => kind === 'ood'), ...probes.filter(({ kind }) => kind === 'id')],
    styles: new Map(results.map(({ trial }) => [trial.id, styleOf(trial, controls, known)])),
    scale,
    comparisons,
  };
}

export const probeOf = (result: TrialResult, probe: string): TrialProbe | null =>
  result.probes.find((each) => each.probe === probe) ?? null;

/** A number with its interval; no interval where it is not certain that there is one. */
export interface TrialValue {
  readonly value: number;
  readonly interval: readonly [number, number] | null;
}

export function valueOf(result: TrialResult, probe: string, scale: TrialScale): TrialValue | null {
  const found = probeOf(result, probe);
  if (!found) return null;
  if (scale === 'accuracy') return found.accuracy;
  return found.recovery === null || found.recovery.value === null
    ? null
    : { value: found.recovery.value, interval: found.recovery.interval };
}

/** "41.2 % [37.1, 45.4]" */
export function valueText(value: TrialValue | null): string {
  if (value === null) return 'none';
  const [low, high] = value.interval ?? [];
  const ends =
    low === undefined || high === undefined
      ? ' [no interval]'
      : ` [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;
  return `${formatValue(value.value, 'share')}${ends}`;
}

/** "+3.1 pp" */
export function points(difference: number): string {
  const sign = difference > 0 ? '+' : difference < 0 ? '−' : '';
  return `${sign}${(100 * Math.abs(difference)).toFixed(1)} pp`;
}

/** What is certain of a paired comparison; `seems` for a test that is not among those that are corrected. */
export type Outcome = 'better' | 'worse' | 'seems-better' | 'seems-worse' | 'open';

export function outcomeOf({ difference, p, pAdjusted }: Paired): Outcome {
  if ((pAdjusted ?? p) >= LEVEL || difference === 0) return 'open';
  if (pAdjusted === null) return difference > 0 ? 'seems-better' : 'seems-worse';
  return difference > 0 ? 'better' : 'worse';
}

export const OUTCOME_SIGNS: Readonly<Record<Outcome, string>> = {
  better: '▲',
  worse: '▼',
  'seems-better': '△',
  'seems-worse': '▽',
  open: '–',
};
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  better: 'better',
  worse: 'worse',
  'seems-better': 'higher',
  'seems-worse': 'lower',
  open: 'not certain',
};

/** "0.012", "< 0.001" */
export function pText(p: number): string {
  if (p < 0.001) return '< 0.001';
  return p < 0.1 ? p.toFixed(3) : p.toFixed(2);
}

/** p after the correction; in brackets that of a test which is not among those that are corrected. */
export const pOf = ({ p, pAdjusted }: Paired): string =>
  pAdjusted === null ? `(${pText(p)})` : pText(pAdjusted);

/** Trials of one kind that have an answer to a probe. */
export function answered(subject: TrialSubject, kind: Trial['kind'], probe: string): TrialResult[] {
  return subject.results.filter(
    ({ trial, probes }) => trial.kind === kind && probes.some((each) => each.probe === probe),
  );
}

/** The trial with the highest value; null where none has one. */
export function bestOf(
  results: readonly TrialResult[],
  probe: string,
  scale: TrialScale,
): TrialResult | null {
  const valued = results.flatMap((result) => {
    const value = valueOf(result, probe, scale);
    return value ? [{ result, value: value.value }] : [];
  });
  return valued.toSorted((a, b) => b.value - a.value)[0]?.result ?? null;
}

/** The scale that a probe is drawn on: recovery needs a loss, so that a probe without one shows accuracy. */
export function scaleOn({ results, scale }: TrialSubject, probe: string): TrialScale {
  const isLost = results.some((result) => typeof probeOf(result, probe)?.recovery?.value === 'number');
  return isLost ? scale : 'accuracy';
}

/** The smallest difference from the target that these answers would show with 80 % power, in the unit of the scale; null where nothing is known of it. */
export function detectable(subject: TrialSubject, probe: string): number | null {
  const all = subject.results.flatMap((result) => probeOf(result, probe) ?? []);
  const differences = all.flatMap(({ versusTarget }) => versusTarget?.detectable ?? []);
  const middle = differences.toSorted((a, b) => a - b)[Math.floor(differences.length / 2)] ?? null;
  if (scaleOn(subject, probe) === 'accuracy' || middle === null) return middle;
  const whole = all.find(({ recovery }) => recovery !== null)?.recovery?.denominator ?? 0;
  return whole > 0 ? middle / whole : null;
}

/** A model that repairs are read against. */
export interface TrialLevel {
  readonly label: string;
  readonly part: NonNullable<Trial['part']>;
  readonly style: VariantStyle | null;
  readonly value: number;
}

/** Target and what recovery is measured against first. On the scale of recovery they are 0 and 1 by definition. */
export function levels(subject: TrialSubject, probe: string): TrialLevel[] {
  const scale = scaleOn(subject, probe);
  const models = answered(subject, 'model', probe);
  const hasReference = models.some(({ trial }) => trial.part === 'reference');
  return models.flatMap((result): TrialLevel[] => {
    const part = result.trial.part ?? 'other';
    const isWhole = part === (hasReference ? 'reference' : 'donor');
    const fixed = scale === 'accuracy' ? null : part === 'target' ? 0 : isWhole ? 1 : null;
    const value = fixed ?? valueOf(result, probe, scale)?.value;
    if (value === undefined) return [];
    return [{ label: result.trial.label, part, style: subject.styles.get(result.trial.id) ?? null, value }];
  });
}

export const scaleTitle = (scale: TrialScale): string =>
  scale === 'accuracy' ? 'problems solved' : 'share of the loss recovered';
