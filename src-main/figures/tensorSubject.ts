import { formatValue } from '../contract/format.ts';
import type { Curve, Row } from '../contract/rows.ts';
import type { TensorFate, TensorLayout } from '../contract/tensors.ts';
import { ALIGNMENT_REASONS } from '../contract/alignment.ts';
import type { NoFigure } from './chartFigure.ts';
import type { CurveValue, LineSeries } from './lineSpec.ts';
import type { VariantStyle } from './variantStyle.ts';

/** One tensor, and all that is stored of it, for its figures. */
export interface TensorSubject {
  readonly name: string;
  readonly layout: TensorLayout;
  readonly fate: TensorFate;
  /** Rows of level "tensor", and curves, of this tensor and every variant. */
  readonly rows: readonly Row[];
  readonly curves: readonly Curve[];
  /** Variants on screen, in their order. */
  readonly styles: readonly VariantStyle[];
}

export function curveOf(subject: TensorSubject, variant: string, name: string): Curve | undefined {
  return subject.curves.find((curve) => curve.variant === variant && curve.name === name);
}

export function rowOf(subject: TensorSubject, variant: string, measure: string): Row | undefined {
  return subject.rows.find((row) => row.variant === variant && row.measure === measure);
}

export function numberOf(subject: TensorSubject, variant: string, measure: string): number | null {
  const value = rowOf(subject, variant, measure)?.value;
  return typeof value === 'number' ? value : null;
}

/** The curves of one name, a series per variant that has one. */
export function seriesOf(
  subject: TensorSubject,
  name: string,
  of: (curve: Curve) => readonly CurveValue[] = ({ values }) => values,
): LineSeries[] {
  return subject.styles.flatMap((style) => {
    const curve = curveOf(subject, style.label, name);
    return curve ? [{ label: style.label, style, values: of(curve) }] : [];
  });
}

/** "svd_gram_f64 (cpu), BF16, largest residual 8.9e-14": how numbers of some measures were made. */
export function methodWords({ rows }: TensorSubject, measure: string): string {
  const found = rows.filter((row) => row.measure === measure && row.value !== null);
  const distinct = (of: (row: Row) => string): string => [...new Set(found.map(of))].join(' and ');
  if (found.length === 0) return '';
  const residual = Math.max(...found.map((row) => row.residual ?? 0));
  const words = residual > 0 ? `, largest residual ${residual.toExponential(1)}` : '';
  return `Computed by ${distinct(({ method }) => method)} from ${distinct(({ dtype }) => dtype)}${words}.`;
}

const RUN = 'Run the study; the figure appears as soon as this tensor is done.';

const ABSENT: Readonly<Record<string, string>> = {
  'only-in-reference':
    'Nothing can be drawn; the alignment report of the set-up page lists every such tensor.',
  'only-in-variant': 'Nothing can be drawn; the alignment report of the set-up page lists every such tensor.',
  'shape-differs':
    'The two sides are different matrices; the alignment report of the set-up page shows both shapes.',
  'opaque-dtype': 'Open a checkpoint of the same weights in a type that can be compared, such as BF16.',
  'tied-alias': 'Open the tensor that it shares its weights with.',
  'not-selected': 'Take its layer and module into the study.',
};

/** Why no variant compares a tensor; null when one does. */
function notCompared({ fate }: TensorSubject): Pick<NoFigure, 'reason' | 'remedy'> | null {
  const [first] = fate.notCompared;
  if (fate.compared.length > 0 || !first) return null;
  const words = first.reason === null ? 'no variant compares it' : ALIGNMENT_REASONS[first.reason];
  const detail = first.detail === null || first.detail === words ? '' : `: ${first.detail}`;
  return {
    reason: `This tensor is not compared: ${words}${detail}.`,
    remedy: ABSENT[first.reason ?? ''] ?? 'It is no parameter of its own: there is nothing to draw.',
  };
}

/** Why a tensor has no curve of a spectral or other kind, each reason in its own words and with its own remedy. */
export function whyNone(
  subject: TensorSubject,
  { id, title, measure, spectral }: { id: string; title: string; measure: string; spectral: boolean },
): NoFigure {
  const about = { id, title };
  const absent = notCompared(subject);
  if (absent) return { ...about, ...absent };
  const { notSpectral, kind } = subject.layout;
  if (spectral && notSpectral !== null) {
    const isLeftOut = kind === 'embedding' || kind === 'head';
    const remedy = isLeftOut
      ? 'Make the study with spectral measures of embeddings.'
      : 'Only matrices have singular values; its steps and its numbers are below.';
    return { ...about, reason: `No spectrum: ${notSpectral}.`, remedy };
  }
  const labels = subject.styles.map(({ label }) => label);
  const reasons = subject.rows.filter(
    (row) => row.measure === measure && row.value === null && labels.includes(row.variant),
  );
  const reason = reasons[0]?.reason;
  if (reason !== undefined && reason !== null) {
    const remedy = /memory|budget/i.test(reason)
      ? 'Run again with a larger memory budget, or on a machine with more memory.'
      : /changed after/.test(reason)
        ? RUN
        : 'The reason is a property of this tensor: another run gives the same.';
    return { ...about, reason: `No curve: ${reason}.`, remedy };
  }
  if (subject.styles.length === 0)
    return { ...about, reason: 'All variants are hidden.', remedy: 'Show one in the list of variants.' };
  return { ...about, reason: 'Not computed yet.', remedy: RUN };
}

/** "sft 0.53° (baseline 45.0°), rl 0.07°": numbers of one measure, variant by variant. */
export function valuesInWords(subject: TensorSubject, measure: string): string {
  return subject.styles
    .flatMap(({ label }) => {
      const row = rowOf(subject, label, measure);
      return row && row.value !== null ? [`${label} ${formatValue(row.value, row.unit)}`] : [];
    })
    .join(', ');
}

/** The baseline of a measure where all variants on screen have the same; null elsewhere. */
export function commonBaseline(subject: TensorSubject, measure: string): number | null {
  const found = subject.styles.flatMap(({ label }) => rowOf(subject, label, measure)?.baseline ?? []);
  const [first] = found;
  return typeof first === 'number' && found.every((value) => value === first) ? first : null;
}
