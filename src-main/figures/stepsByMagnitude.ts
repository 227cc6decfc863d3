import { formatCount, formatValue } from '../contract/format.ts';
import { STEP_BINS, type StepsDocument } from '../contract/stripes.ts';
import type { Box, ChartFigure, FigureFrame, FigureTable, ReadoutLine } from './chartFigure.ts';
import { magnitudeLayout, magnitudeOption } from './magnitudeOption.ts';
import type { VariantStyle } from './variantStyle.ts';

type Magnitude = StepsDocument['magnitudes'][number];

/** Signed steps from the largest upward one to the largest downward one; unchanged in the middle. */
export const SIGNED_BINS: readonly string[] = [
  ...STEP_BINS.slice(1)
    .toReversed()
    .map((name) => `+ ${name}`),
  'unchanged',
  ...STEP_BINS.slice(1).map((name) => `− ${name}`),
];
export const UNCHANGED = STEP_BINS.length - 1;

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** Weights of one magnitude in the order of SIGNED_BINS; what moved neither way is unchanged. */
export function signedCounts({ weights, up, down }: Magnitude): number[] {
  const [higher, lower] = [up.slice(1), down.slice(1)];
  return [...higher.toReversed(), weights - sum(higher) - sum(lower), ...lower];
}

function magnitudeName({ exponent }: Magnitude): string {
  return exponent === null ? '0' : `2^${String(exponent)}`;
}

function fullName({ exponent }: Magnitude): string {
  if (exponent === null) return '|w| zero or subnormal';
  return `2^${String(exponent)} ≤ |w| < 2^${String(exponent + 1)}`;
}

function linesOf(magnitude: Magnitude | undefined, style: VariantStyle): ReadoutLine[] {
  if (!magnitude) return [];
  return signedCounts(magnitude).map((count, bin) => ({
    label: SIGNED_BINS[bin] ?? '',
    style,
    panel: '',
    value: `${formatValue(count / magnitude.weights, 'share')} (${formatCount(count)})`,
  }));
}

function summaryOf({ magnitudes, variant, invalid }: StepsDocument): string[] {
  const weights = sum(magnitudes.map((each) => each.weights));
  const counts = magnitudes.map((each) => signedCounts(each));
  const up = sum(counts.flatMap((each) => each.slice(0, UNCHANGED)));
  const down = sum(counts.flatMap((each) => each.slice(UNCHANGED + 1)));
  const shares = magnitudes.map((each, i) => 1 - (counts[i]?.[UNCHANGED] ?? 0) / each.weights);
  const most = shares.reduce((best, share, i) => (share > (shares[best] ?? 0) ? i : best), 0);
  const least = shares.reduce((best, share, i) => (share < (shares[best] ?? 0) ? i : best), 0);
  const at = (i: number): string => {
    const magnitude = magnitudes[i];
    return magnitude
      ? `${formatValue(shares[i] ?? null, 'share')} of weights with ${fullName(magnitude)}`
      : '';
  };
  return [
    `${variant}: ${formatValue(up / weights, 'share')} of ${formatCount(weights)} weights moved up, ${formatValue(down / weights, 'share')} down.`,
    `Most often changed: ${at(most)}; least often: ${at(least)}.`,
    ...(invalid === 0 ? [] : [`${formatCount(invalid)} weights are NaN or infinite and counted nowhere.`]),
  ];
}

function boxOf(count: number, frame: FigureFrame, step: number): Box {
  const { plot } = magnitudeLayout(frame);
  const width = plot.width / count;
  return { left: plot.left + step * width, top: plot.top, width, height: plot.height };
}

function tableOf(magnitudes: readonly Magnitude[]): FigureTable {
  return {
    columns: ['magnitude', 'weights', ...SIGNED_BINS],
    count: magnitudes.length,
    cell: (row, column) => {
      const magnitude = magnitudes[row];
      if (!magnitude) return '';
      if (column === 0) return fullName(magnitude);
      return formatCount(column === 1 ? magnitude.weights : (signedCounts(magnitude)[column - 2] ?? 0));
    },
  };
}

function columnAt(count: number, frame: FigureFrame, { x, y }: { x: number; y: number }): number | null {
  const { plot } = magnitudeLayout(frame);
  const step = Math.floor(((x - plot.left) / plot.width) * count);
  return y >= plot.top && y <= plot.top + plot.height && step >= 0 && step < count ? step : null;
}

/** How far weights of which magnitude moved, up and down apart: a column per binary exponent. */
export function stepsByMagnitude(document: StepsDocument, style: VariantStyle): ChartFigure {
  const { magnitudes, reference, variant } = document;
  const grid = {
    columns: magnitudes.map(magnitudeName),
    lines: SIGNED_BINS,
    unchanged: UNCHANGED,
    shares: magnitudes.map((each) => signedCounts(each).map((count) => count / each.weights)),
  };
  return {
    id: 'magnitude',
    title: 'Steps by weight magnitude',
    caption: [
      `${variant} against ${reference}: weights by the binary exponent of b(w) and by the signed bfloat16 steps to b(w'). Colour: share of the weights of that magnitude, logarithmic.`,
      'The two lines around “unchanged” are the rounding boundary, |dw| = half an ulp of the weight: below it the stored weight stays. An ulp doubles from column to column, so one size of update moves small weights far and leaves large ones.',
    ],
    summary: summaryOf(document),
    table: tableOf(magnitudes),
    cursor: {
      count: magnitudes.length,
      name: (step) => (magnitudes[step] ? fullName(magnitudes[step]) : ''),
      lines: (step) => linesOf(magnitudes[step], style),
      boxes: (frame, step) => [boxOf(magnitudes.length, frame, step)],
      at: (frame, point) => columnAt(magnitudes.length, frame, point),
    },
    height: (frame) => magnitudeLayout(frame).height,
    option: (frame) => magnitudeOption(grid, frame),
  };
}
