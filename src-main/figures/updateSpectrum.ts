import { formatValue } from '../contract/format.ts';
import type { ChartFigure, NoFigure } from './chartFigure.ts';
import { lineFigure } from './lineFigure.ts';
import type { CurveValue, PointMark } from './lineSpec.ts';
import { methodWords, numberOf, rowOf, seriesOf, whyNone, type TensorSubject } from './tensorSubject.ts';

const LEVELS = [50, 90, 99] as const;
const ABOUT = { id: 'update-spectrum', title: 'Update spectrum', measure: 'rank.stable', spectral: true };

/** Share of the energy of the update in its first i directions. */
export function cumulativeEnergy(sigma: readonly CurveValue[]): CurveValue[] {
  const squares = sigma.map((value) => (typeof value === 'number' ? value * value : 0));
  const total = squares.reduce((sum, value) => sum + value, 0);
  let energy = 0;
  return squares.map((square) => {
    energy += square;
    return total > 0 ? energy / total : null;
  });
}

function rankMarks(subject: TensorSubject): PointMark[] {
  return subject.styles.flatMap((style) =>
    LEVELS.flatMap((percent): PointMark[] => {
      const rank = numberOf(subject, style.label, `rank.energy-${String(percent)}`);
      const energy = seriesOf({ ...subject, styles: [style] }, 'update-spectrum', ({ values }) =>
        cumulativeEnergy(values),
      )[0]?.values[(rank ?? 0) - 1];
      return rank === null || typeof energy !== 'number' ? [] : [{ x: rank, y: energy, style }];
    }),
  );
}

function summaryOf(subject: TensorSubject): string[] {
  return subject.styles.flatMap(({ label }) => {
    const ranks = LEVELS.flatMap((percent) => {
      const row = rowOf(subject, label, `rank.energy-${String(percent)}`);
      if (typeof row?.value !== 'number') return [];
      const chance =
        typeof row.baseline === 'number' ? ` (chance ${formatValue(row.baseline, row.unit)})` : '';
      return [`${String(percent)} % in ${formatValue(row.value, row.unit)}${chance}`];
    });
    return ranks.length === 0 ? [] : [`${label}: energy of the update, ${ranks.join(', ')} directions.`];
  });
}

/** Singular values of the update, and the energy that its leading directions hold. */
export function updateSpectrum(subject: TensorSubject, { log }: { log: boolean }): ChartFigure | NoFigure {
  const sigma = seriesOf(subject, 'update-spectrum');
  if (sigma.length === 0) return whyNone(subject, ABOUT);
  return lineFigure({
    ...ABOUT,
    x: { title: 'index i of the direction of the update', symbol: 'i', first: 1 },
    panels: [
      { title: "singular value s_i(W' − W)", unit: 'weight', log, series: sigma },
      {
        title: 'energy of the first i directions',
        unit: 'share',
        log: false,
        series: seriesOf(subject, 'update-spectrum', ({ values }) => cumulativeEnergy(values)),
        guides: LEVELS.map((percent) => ({ axis: 'y', at: percent / 100, label: '', style: null })),
        marks: rankMarks(subject),
      },
    ],
    beside: true,
    caption: [
      "Singular values of the exact difference W' − W, and the share of |W' − W|_F² that the first i of them hold. Dashed levels and large markers: the fewest directions that hold 50, 90 and 99 %.",
      'Baseline of these ranks: an update of independent Gaussian entries (Marchenko–Pastur). The rounding of bf16 alone is full rank.',
      methodWords(subject, ABOUT.measure),
    ],
    summary: summaryOf(subject),
  });
}
