import type { BarSeriesOption, EChartsOption } from 'echarts';
import { formatValue } from '../contract/format.ts';
import type { Row } from '../contract/rows.ts';
import { colourStops } from './colourMap.ts';
import type { Box, ChartFigure, FigureFrame, NoFigure, ReadoutLine } from './chartFigure.ts';
import { axisTitle, bareAxis, figureBase, gridAt, tickLabel, tickText } from './figureAxes.ts';
import { markerShape, words, type Elements } from './figureElements.ts';
import type { FigureTheme } from './figureTheme.ts';
import { ADVANCE } from './lineLayout.ts';
import {
  commonBaseline,
  methodWords,
  rowOf,
  valuesInWords,
  whyNone,
  type TensorSubject,
} from './tensorSubject.ts';
import type { VariantStyle } from './variantStyle.ts';

const ABOUT = {
  id: 'energy',
  title: 'Update energy in the base frame',
  measure: 'energy.two-sided',
  spectral: true,
};

const ENERGY_PARTS = ['spectral', 'rotational', 'one-sided', 'outside'] as const;
type Part = (typeof ENERGY_PARTS)[number];

const PART_WORDS: Readonly<Record<Part, string>> = {
  spectral: 'spectral: moves the k leading values',
  rotational: 'rotational: turns the k leading directions among themselves',
  'one-sided': 'one-sided: in one leading subspace, not in both',
  outside: 'outside both leading subspaces',
};

export interface EnergyBar {
  readonly label: string;
  /** Null for the isotropic update. */
  readonly style: VariantStyle | null;
  /** In the order of ENERGY_PARTS; they add up to 1. */
  readonly shares: readonly number[];
}

const MEASURES = ['energy.spectral', 'energy.rotational', 'energy.left', 'energy.right', 'energy.two-sided'];

/** Four parts of the energy of an update that add up to all of it; null when a share is missing. */
function partsOf(
  subject: TensorSubject,
  variant: string,
  of: (row: Row) => Row['value'],
): readonly number[] | null {
  const numbers = MEASURES.map((measure) => {
    const row = rowOf(subject, variant, measure);
    return row ? of(row) : null;
  });
  if (!numbers.every((value) => typeof value === 'number')) return null;
  const [spectral = 0, rotational = 0, left = 0, right = 0, both = 0] = numbers;
  return [spectral, rotational, left + right - 2 * both, 1 - left - right + both];
}

/** A bar per variant, and the bar of an isotropic update below them. */
export function energyBars(subject: TensorSubject): EnergyBar[] {
  const bars = subject.styles.flatMap((style): EnergyBar[] => {
    const shares = partsOf(subject, style.label, ({ value }) => value);
    return shares ? [{ label: style.label, style, shares }] : [];
  });
  const [first] = bars;
  const chance = first ? partsOf(subject, first.label, ({ baseline }) => baseline) : null;
  return chance ? [...bars, { label: 'isotropic update', style: null, shares: chance }] : bars;
}

/** In units of the font size. */
const ROW = 1.75;
const LEGEND = 1.35;

interface BarLayout {
  readonly em: number;
  readonly plot: Box;
  readonly height: number;
  readonly legendRows: number;
}

function layoutOf(bars: readonly EnergyBar[], { width, theme }: FigureFrame): BarLayout {
  const em = theme.fontSize;
  const names = Math.max(...bars.map(({ label }) => label.length)) * ADVANCE + 3;
  const left = Math.min(names * em, width * 0.34);
  const legendRows = width > 78 * em ? 2 : 4;
  const top = (legendRows * LEGEND + 0.8) * em;
  const height = bars.length * ROW * em;
  return {
    em,
    plot: { left, top, width: width - left - 2 * em, height },
    height: top + height + 3.6 * em,
    legendRows,
  };
}

const rowBox = ({ plot, em }: BarLayout, step: number): Box => ({
  left: 0,
  top: plot.top + step * ROW * em,
  width: plot.left + plot.width + em,
  height: ROW * em,
});

const COLOURS = colourStops('sequential', 'light', ENERGY_PARTS.length);
/** Text on the darker half of the colours is white. */
const inkOn = (part: number): string => (part < 2 ? '#ffffff' : '#17191b');

function legend({ em, legendRows }: BarLayout, { theme, width }: FigureFrame): Elements {
  const columns = ENERGY_PARTS.length / legendRows;
  return ENERGY_PARTS.flatMap((part, index): Elements => {
    const x = (index % columns) * (width / columns);
    const y = (Math.floor(index / columns) + 0.5) * LEGEND * em;
    const fill = COLOURS[index] ?? theme.ink;
    return [
      {
        type: 'rect',
        shape: { x, y: y - 0.4 * em, width: 0.8 * em, height: 0.8 * em },
        style: { fill, stroke: theme.mutedInk, lineWidth: 0.5 },
        silent: true,
      },
      words({ x: x + 1.2 * em, y, text: PART_WORDS[part] }, theme),
    ];
  });
}

function names(bars: readonly EnergyBar[], layout: BarLayout, { theme }: FigureFrame): Elements {
  const { em, plot } = layout;
  const room = Math.floor((plot.left - 2.6 * em) / (ADVANCE * em));
  return bars.flatMap(({ label, style }, index): Elements => {
    const y = plot.top + (index + 0.5) * ROW * em;
    const text = label.length > room ? `${label.slice(0, Math.max(1, room - 1))}…` : label;
    return [
      ...(style ? [markerShape(style, { x: 0.7 * em, y, radius: 0.38 * em }, theme)] : []),
      words({ x: 1.5 * em, y, text, muted: style === null }, theme),
    ];
  });
}

/** An upright line through all bars at k²/(mn), where the energy inside both subspaces would end by chance. */
function chanceLine(bars: readonly EnergyBar[], { em, plot }: BarLayout, { theme }: FigureFrame): Elements {
  const chance = bars.find(({ style }) => style === null);
  if (!chance) return [];
  const x = plot.left + ((chance.shares[0] ?? 0) + (chance.shares[1] ?? 0)) * plot.width;
  const shape = { x1: x, x2: x, y1: plot.top - 0.3 * em, y2: plot.top + plot.height };
  return [
    { type: 'line', shape, style: { stroke: theme.paper, lineWidth: 3.5 }, silent: true, z: 10 },
    { type: 'line', shape, style: { stroke: theme.ink, lineWidth: 1.5 }, silent: true, z: 11 },
  ];
}

function barSeries(
  bars: readonly EnergyBar[],
  { em, plot }: BarLayout,
  theme: FigureTheme,
): BarSeriesOption[] {
  return ENERGY_PARTS.map((name, part) => ({
    type: 'bar',
    name,
    stack: 'energy',
    data: bars.map(({ shares }) => shares[part] ?? 0),
    barWidth: em * 1.2,
    itemStyle: { color: COLOURS[part] ?? theme.ink, borderColor: theme.paper, borderWidth: 0.5 },
    label: {
      show: true,
      color: inkOn(part),
      fontSize: theme.fontSize * 0.88,
      formatter: ({ value }) =>
        typeof value === 'number' && value * plot.width > 3.6 * em ? formatValue(value, 'share') : '',
    },
    emphasis: { disabled: true },
    silent: true,
  }));
}

function optionOf(bars: readonly EnergyBar[], frame: FigureFrame): EChartsOption {
  const { theme } = frame;
  const layout = layoutOf(bars, frame);
  return {
    ...figureBase(theme),
    grid: gridAt(layout.plot),
    xAxis: {
      ...axisTitle('share of |dW|²', theme),
      type: 'value',
      min: 0,
      max: 1,
      interval: 0.25,
      axisLabel: { ...tickText(theme), formatter: (value: number) => tickLabel(value, 'share') },
      splitLine: { lineStyle: { color: theme.rule } },
    },
    yAxis: {
      ...bareAxis(theme),
      type: 'category',
      inverse: true,
      data: bars.map(({ label }) => label),
      axisLabel: { show: false },
    },
    series: barSeries(bars, layout, theme),
    graphic: {
      elements: [...legend(layout, frame), ...names(bars, layout, frame), ...chanceLine(bars, layout, frame)],
    },
  };
}

function captionOf(subject: TensorSubject): string[] {
  const { layout } = subject;
  const chance = commonBaseline(subject, 'energy.two-sided');
  const k = layout.k ?? 0;
  const { rows = 0, cols = 0 } = layout.matrix ?? {};
  return [
    `Where the energy |dW|² of the update lies in the frame of the k leading singular vectors of the reference, k = ${String(k)}: spectral |diag(U_kᵀ dW V_k)|², rotational the rest of |U_kᵀ dW V_k|², then what lies in only one of the two subspaces, and outside both.`,
    `Upright line: where the first two would end for an isotropic update, k² / (mn) = ${chance === null ? 'not stored' : formatValue(chance, 'share')} with m = ${String(rows)}, n = ${String(cols)}; its four shares are the last bar.`,
    methodWords(subject, ABOUT.measure),
  ];
}

function linesOf(bars: readonly EnergyBar[], step: number): ReadoutLine[] {
  const bar = bars[step];
  return ENERGY_PARTS.map((part, index) => ({
    label: part,
    style: bar?.style ?? null,
    panel: '',
    value: formatValue(bar?.shares[index] ?? null, 'share'),
  }));
}

/** The update split into what moves, turns and leaves the principal subspaces of the reference. */
export function energyShares(subject: TensorSubject): ChartFigure | NoFigure {
  const bars = energyBars(subject);
  if (bars.length === 0) return whyNone(subject, ABOUT);
  const chance = commonBaseline(subject, 'energy.two-sided');
  return {
    ...ABOUT,
    caption: captionOf(subject),
    summary: [
      `Energy inside both principal subspaces: ${valuesInWords(subject, 'energy.two-sided')}${chance === null ? '' : `; an isotropic update has ${formatValue(chance, 'share')}`}.`,
      `Of it spectral: ${valuesInWords(subject, 'energy.spectral')}.`,
    ],
    table: {
      columns: ['variant', ...ENERGY_PARTS],
      count: bars.length,
      cell: (row, column) =>
        column === 0 ? (bars[row]?.label ?? '') : formatValue(bars[row]?.shares[column - 1] ?? null, 'share'),
    },
    cursor: {
      count: bars.length,
      name: (step) => bars[step]?.label ?? '',
      lines: (step) => linesOf(bars, step),
      boxes: (frame, step) => [rowBox(layoutOf(bars, frame), step)],
      at: (frame, { y }) => {
        const { plot, em } = layoutOf(bars, frame);
        const step = Math.floor((y - plot.top) / (ROW * em));
        return step >= 0 && step < bars.length ? step : null;
      },
    },
    height: (frame) => layoutOf(bars, frame).height,
    option: (frame) => optionOf(bars, frame),
  };
}
