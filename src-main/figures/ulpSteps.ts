import { formatCompact, formatValue } from '../contract/format.ts';
import { STEP_BINS } from '../contract/stripes.ts';
import type { ChartFigure, NoFigure } from './chartFigure.ts';
import { lineFigure } from './lineFigure.ts';
import type { CurveValue, LineSeries } from './lineSpec.ts';
import { methodWords, numberOf, seriesOf, whyNone, type TensorSubject } from './tensorSubject.ts';

const ABOUT = {
  id: 'steps',
  title: 'How far weights moved',
  measure: 'update.unchanged.bf16',
  spectral: false,
};

const sum = (values: readonly CurveValue[]): number =>
  values.reduce<number>((total, value) => total + (typeof value === 'number' ? value : 0), 0);

function shares(values: readonly CurveValue[]): CurveValue[] {
  const total = sum(values);
  return values.map((value) => (typeof value === 'number' && total > 0 ? value / total : null));
}

function summaryOf(subject: TensorSubject, counts: readonly LineSeries[]): string[] {
  return counts.map(({ label, values }) => {
    const [unchanged = 0] = shares(values);
    const one = numberOf(subject, label, 'update.one-step');
    const moved = one === null ? '' : `; of those that moved, ${formatValue(one, 'share')} by a single step`;
    const still = typeof unchanged === 'number' ? formatValue(unchanged, 'share') : 'an unknown share';
    return `${label}: ${still} of ${formatCompact(sum(values))} weights unchanged${moved}.`;
  });
}

/** Weights by how many bfloat16 steps they moved. */
export function ulpSteps(subject: TensorSubject, { log }: { log: boolean }): ChartFigure | NoFigure {
  const counts = seriesOf(subject, 'ulp-steps');
  if (counts.length === 0) return whyNone(subject, ABOUT);
  return lineFigure({
    ...ABOUT,
    x: { title: 'bfloat16 steps |code(w′) − code(w)|', symbol: 'steps', first: 0, names: STEP_BINS },
    panels: [
      {
        title: 'share of the weights',
        unit: 'share',
        log,
        series: counts.map((each) => ({ ...each, values: shares(each.values) })),
      },
    ],
    beside: false,
    caption: [
      `Weights by the distance of w and w′ on the ordered line of bfloat16 codes, after rounding both to bfloat16; bins double from step to step${log ? '; empty bins are not drawn on the logarithmic scale' : ''}.`,
      'A weight moves a step once the update passes the rounding boundary, half an ulp: an ulp is 2^(e − 7) for weights between 2^e and 2^(e + 1), so small weights take more steps for the same change.',
      methodWords(subject, ABOUT.measure),
    ],
    summary: summaryOf(subject, counts),
  });
}
