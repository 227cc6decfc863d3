import { formatValue } from '../contract/format.ts';
import type { Curve } from '../contract/rows.ts';
import type { ChartFigure, NoFigure } from './chartFigure.ts';
import { lineFigure } from './lineFigure.ts';
import type { CurveValue, LineSeries } from './lineSpec.ts';
import { curveOf, methodWords, seriesOf, whyNone, type TensorSubject } from './tensorSubject.ts';

/** All singular values, the first 2k or the last 2k. */
export const SPECTRUM_RANGES = { all: 'all', head: 'head (first 2k)', tail: 'tail (last 2k)' } as const;
export type SpectrumRange = keyof typeof SPECTRUM_RANGES;

export interface SpectraChoice {
  readonly range: SpectrumRange;
  readonly log: boolean;
  /** Each spectrum divided by its own largest value. */
  readonly normalised: boolean;
}

const ABOUT = { id: 'spectra', title: 'Spectra', measure: 'spectrum.nss', spectral: true };

/** The spectrum of the base: it is the reference of some variant, on screen or not. */
function baseSeries({ curves }: TensorSubject): LineSeries[] {
  const base = curves.find(({ reference, name }) => reference === 'base' && name === 'spectrum-reference');
  return base ? [{ label: 'base', style: null, values: base.values }] : [];
}

function largest(values: readonly CurveValue[]): number {
  const [first] = values;
  return typeof first === 'number' ? first : NaN;
}

const divided = (values: readonly CurveValue[], by: number): CurveValue[] =>
  values.map((value) => (typeof value === 'number' && by > 0 ? value / by : null));

/** (s_i(W') - s_i(W)) / s_i(W); null where the reference is 0. */
function relativeChange(reference: Curve | undefined, variant: Curve): CurveValue[] {
  return variant.values.map((value, i) => {
    const before = reference?.values[i];
    return typeof value === 'number' && typeof before === 'number' && before > 0
      ? (value - before) / before
      : null;
  });
}

/** Sizes alone, for a logarithmic scale. */
const sizes = (series: readonly LineSeries[]): LineSeries[] =>
  series.map((each) => ({
    ...each,
    values: each.values.map((value) => (typeof value === 'number' ? Math.abs(value) : value)),
  }));

function windowOf(range: SpectrumRange, count: number, k: number): { first: number; last: number } {
  const width = Math.min(count, Math.max(2, 2 * k));
  if (range === 'head') return { first: 0, last: width };
  return range === 'tail' ? { first: count - width, last: count } : { first: 0, last: count };
}

function summaryOf(subject: TensorSubject, changes: readonly LineSeries[]): string[] {
  return changes.map(({ label, values }) => {
    const numbers = values.filter((value): value is number => typeof value === 'number');
    const at = numbers.reduce(
      (best, value, i) => (Math.abs(value) > Math.abs(numbers[best] ?? 0) ? i : best),
      0,
    );
    const top = curveOf(subject, label, 'spectrum-variant')?.values[0];
    const signed = (value: number): string => `${value > 0 ? '+' : ''}${formatValue(value, 'share')}`;
    return `${label}: largest singular value ${typeof top === 'number' ? formatValue(top, 'weight') : 'unknown'} (${signed(numbers[0] ?? 0)}); the largest relative change is ${signed(numbers[at] ?? 0)}, at i = ${String(at + 1)}.`;
  });
}

function captionOf(subject: TensorSubject, { log, normalised, range }: SpectraChoice): string[] {
  const { k } = subject.layout;
  const kept = k === null ? '' : ` k = ${String(k)}.`;
  return [
    `Above: singular values s_i, descending${normalised ? ', each spectrum divided by its own s_1' : ''}, of the base (ink) and of every variant; ${range === 'all' ? 'all of them' : SPECTRUM_RANGES[range]}.${kept}`,
    `Below: relative change (s_i(W') − s_i(W)) / s_i(W) against what each variant was trained from${log ? ', without its sign' : ''}. Its baseline is 0: an update that only rotates.`,
    `${log ? 'Values of 0 are not drawn on the logarithmic scale. ' : ''}Stored as float32: relative changes below 6e-8 are rounding. ${methodWords(subject, ABOUT.measure)}`,
  ];
}

/** Singular values of the base and of all variants, and how each changed. */
export function spectra(subject: TensorSubject, choice: SpectraChoice): ChartFigure | NoFigure {
  const spectrum = [...baseSeries(subject), ...seriesOf(subject, 'spectrum-variant')];
  const changes = seriesOf(subject, 'spectrum-variant', (curve) =>
    relativeChange(curveOf(subject, curve.variant, 'spectrum-reference'), curve),
  );
  if (changes.length === 0) return whyNone(subject, ABOUT);
  const count = Math.max(...spectrum.map(({ values }) => values.length));
  const k = subject.layout.k ?? 0;
  const { first, last } = windowOf(choice.range, count, k);
  const cut = (series: readonly LineSeries[]): LineSeries[] =>
    series.map((each) => ({ ...each, values: each.values.slice(first, last) }));
  const scaled = choice.normalised
    ? spectrum.map((each) => ({ ...each, values: divided(each.values, largest(each.values)) }))
    : spectrum;
  const guides = k > first && k < last ? [{ axis: 'x' as const, at: k, label: 'k', style: null }] : [];
  return lineFigure({
    ...ABOUT,
    x: { title: 'index i of the singular value', symbol: 'i', first: first + 1 },
    panels: [
      {
        title: choice.normalised ? 's_i / s_1' : 'singular value s_i',
        unit: 'weight',
        log: choice.log,
        series: cut(scaled),
        guides,
      },
      {
        title: choice.log ? 'size of the relative change of s_i' : 'relative change of s_i',
        unit: 'share',
        log: choice.log,
        series: cut(choice.log ? sizes(changes) : changes),
        guides: choice.log ? guides : [...guides, { axis: 'y', at: 0, label: '', style: null }],
      },
    ],
    beside: false,
    caption: captionOf(subject, choice),
    summary: summaryOf(subject, changes),
  });
}
