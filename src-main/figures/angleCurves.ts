import { formatValue } from '../contract/format.ts';
import type { ChartFigure, NoFigure } from './chartFigure.ts';
import { lineFigure } from './lineFigure.ts';
import { placesOf, type Guide, type LinePanel, type Zone } from './lineSpec.ts';
import {
  commonBaseline,
  methodWords,
  numberOf,
  rowOf,
  seriesOf,
  whyNone,
  type TensorSubject,
} from './tensorSubject.ts';

/** Which singular subspaces are compared: the k leading, the k in the middle, or the k last. */
export const ANGLE_CUTS = { head: 'head', middle: 'middle', tail: 'tail' } as const;
export type AngleCut = keyof typeof ANGLE_CUTS;

export interface AnglesChoice {
  readonly cut: AngleCut;
  readonly log: boolean;
}

const SIDES = { left: 'output side (U)', right: 'input side (V)' } as const;
type Side = keyof typeof SIDES;

const DIRECTIONS: Readonly<Record<AngleCut, string>> = {
  head: 'k leading',
  middle: 'k middle',
  tail: 'k trailing',
};

const stem = (cut: AngleCut): string => (cut === 'head' ? 'angles' : `angles-${cut}`);
const measureOf = (cut: AngleCut, side: Side, statistic: 'median' | 'max'): string =>
  `${cut === 'head' ? 'angles' : `angles.${cut}`}.${side}.${statistic}`;

/** Two k-subspaces of R^d meet in at least 2k - d dimensions: so many angles are 0 whatever was trained. */
export function forcedZeros(k: number, dimension: number): number {
  return Math.max(0, 2 * k - dimension);
}

/** Wedin's bound of each variant where it says anything; it holds for the leading subspaces. */
function boundGuides(subject: TensorSubject, cut: AngleCut): Guide[] {
  if (cut !== 'head') return [];
  return subject.styles.flatMap((style) => {
    const bound = numberOf(subject, style.label, 'angles.wedin-bound');
    return bound !== null && bound < 90 ? [{ axis: 'y' as const, at: bound, label: '', style }] : [];
  });
}

function panelOf(subject: TensorSubject, side: Side, { cut, log }: AnglesChoice): LinePanel {
  const series = seriesOf(subject, `${stem(cut)}-${side}`);
  const k = placesOf({ panels: [{ title: '', unit: '', log, series }] });
  const { rows, cols } = subject.layout.matrix ?? { rows: Infinity, cols: Infinity };
  const zeros = forcedZeros(k, side === 'left' ? rows : cols);
  const chance = commonBaseline(subject, measureOf(cut, side, 'median'));
  const zones: Zone[] = zeros > 0 ? [{ from: 1, to: zeros, label: '0 by counting' }] : [];
  return {
    title: `principal angle, ${SIDES[side]}`,
    unit: 'degrees',
    log,
    series,
    zones,
    guides: [
      ...(chance === null
        ? []
        : [{ axis: 'y' as const, at: chance, label: 'random subspaces, median', style: null }]),
      ...boundGuides(subject, cut),
      { axis: 'x', at: k, label: 'cut', style: null },
    ],
  };
}

function countingWords(subject: TensorSubject, k: number): string {
  const { rows, cols } = subject.layout.matrix ?? { rows: 0, cols: 0 };
  const zeros = [forcedZeros(k, rows), forcedZeros(k, cols)];
  if (zeros.every((count) => count === 0))
    return `Counting dimensions forces no angle to 0: k = ${String(k)} is at most half of ${String(Math.min(rows, cols))}.`;
  return `Shaded: max(0, 2k − d) angles are 0 whatever was trained, ${String(zeros[0])} of the output side and ${String(zeros[1])} of the input side.`;
}

/** The gap at the cut beside the reach of the update: below it, the largest angle says little. */
function gapWords(subject: TensorSubject): string[] {
  return subject.styles.flatMap(({ label }) => {
    const row = rowOf(subject, label, 'angles.gap');
    const bound = numberOf(subject, label, 'angles.wedin-bound');
    if (typeof row?.value !== 'number' || typeof row.baseline !== 'number') return [];
    const verdict =
      row.value < row.baseline ? 'the k-th direction may turn freely' : 'the cut is held by its gap';
    const limit =
      bound === null
        ? ''
        : `; no angle can exceed ${bound < 90 ? formatValue(bound, 'degrees') : '90°, which bounds nothing'}`;
    return [
      `${label}: gap at the cut ${formatValue(row.value, 'share')} of s_k, the update reaches ${formatValue(row.baseline, 'share')}: ${verdict}${limit}.`,
    ];
  });
}

function sideWords(subject: TensorSubject, cut: AngleCut): string[] {
  return subject.styles.flatMap(({ label }) => {
    const part = (side: Side): string | null => {
      const median = numberOf(subject, label, measureOf(cut, side, 'median'));
      const max = numberOf(subject, label, measureOf(cut, side, 'max'));
      return median === null || max === null
        ? null
        : `${side === 'left' ? 'output' : 'input'} side median ${formatValue(median, 'degrees')}, largest ${formatValue(max, 'degrees')}`;
    };
    const parts = [part('left'), part('right')].filter((words) => words !== null);
    return parts.length === 0 ? [] : [`${label}: ${parts.join('; ')}.`];
  });
}

/** Principal angles between singular subspaces before and after training, left and right. */
export function angleCurves(subject: TensorSubject, choice: AnglesChoice): ChartFigure | NoFigure {
  const { cut, log } = choice;
  const about = { id: 'angles', title: 'Principal angles' };
  const panels = [panelOf(subject, 'left', choice), panelOf(subject, 'right', choice)];
  if (panels.every(({ series }) => series.length === 0))
    return whyNone(subject, { ...about, measure: measureOf(cut, 'left', 'median'), spectral: true });
  const k = placesOf({ panels });
  const chance = commonBaseline(subject, measureOf(cut, 'left', 'median'));
  const bounds =
    cut === 'head' ? ' Dotted, in the style of a variant: Wedin’s bound, where it is below 90°.' : '';
  return lineFigure({
    ...about,
    x: { title: 'index i, ascending angles', symbol: 'i', first: 1 },
    panels,
    beside: true,
    caption: [
      `Angles θ_i, cos θ_i = s_i(U_kᵀ U'_k) and with V, between the ${DIRECTIONS[cut]} singular directions of W and W', k = ${String(k)}, from the sines in float64${log ? '; angles of exactly 0 are not drawn on the logarithmic scale' : ''}.`,
      `${chance === null ? 'Dashed: median angle between two random k-subspaces' : `Dashed: median angle between two random k-subspaces, ${formatValue(chance, 'degrees')} on the output side`}.${bounds}`,
      countingWords(subject, k),
      cut === 'head'
        ? methodWords(subject, 'angles.left.median')
        : `Gaps between neighbouring values are tiny here: large angles are expected and say little about training. ${methodWords(subject, measureOf(cut, 'left', 'median'))}`,
    ],
    summary: [...sideWords(subject, cut), ...(cut === 'head' ? gapWords(subject) : [])],
  });
}
