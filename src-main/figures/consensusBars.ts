import type { BarSeriesOption, EChartsOption, ScatterSeriesOption } from 'echarts';
import { formatCount, formatValue } from '../contract/format.ts';
import type { Consensus } from '../contract/rows.ts';
import type { FigureTheme } from './figureTheme.ts';

/** One set of runs with its numbers as shares of all weights. */
export interface ConsensusPanel {
  readonly title: string;
  readonly set: Consensus;
  /** Runs that count although the page leaves them out. */
  readonly hidden: readonly string[];
  /** By the number of runs: 0 to all of them. */
  readonly found: readonly number[];
  readonly expected: readonly number[];
  /** Colour of the role. */
  readonly colour: string;
}

export interface ConsensusFigure {
  readonly panels: readonly ConsensusPanel[];
  readonly width: number;
  readonly log: boolean;
  readonly theme: FigureTheme;
}

const HEIGHT = 190;
const TOP = 26;
const BOTTOM = 40;
const LEFT = 48;
const LEAST_WIDTH = 260;
const GAP = 26;
const MOST_WIDTH = 460;

/** Where each panel lies: beside each other while they are wide enough. */
export function consensusLayout(
  count: number,
  width: number,
): { boxes: { left: number; top: number; width: number; height: number }[]; height: number } {
  const perLine = Math.max(1, Math.min(count, Math.floor((width + GAP) / (LEAST_WIDTH + GAP))));
  const share = Math.min(MOST_WIDTH, Math.floor((width - GAP * (perLine - 1)) / perLine));
  const boxes = Array.from({ length: count }, (_, i) => ({
    left: (i % perLine) * (share + GAP) + LEFT,
    top: Math.floor(i / perLine) * HEIGHT + TOP,
    width: share - LEFT,
    height: HEIGHT - TOP - BOTTOM,
  }));
  return { boxes, height: Math.ceil(count / perLine) * HEIGHT };
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Sets that have numbers, with them as shares. All runs of a set are in its counts; one of which no run is shown is left out. */
export function consensusPanels(
  sets: readonly Consensus[],
  shown: readonly string[],
  about: (set: Consensus) => { readonly title: string; readonly colour: string },
): ConsensusPanel[] {
  return sets.flatMap((set) => {
    const { counts, expected, runs } = set;
    const hidden = runs.filter((label) => !shown.includes(label));
    if (hidden.length === runs.length) return [];
    if (counts === null || expected === null || total(counts) === 0) return [];
    const n = total(counts);
    return [
      {
        ...about(set),
        set,
        hidden,
        found: counts.map((count) => count / n),
        expected: expected.map((count) => count / n),
      },
    ];
  });
}

/** That runs count which the page leaves out. */
export function hiddenRuns(hidden: readonly string[]): string {
  return `${hidden.join(', ')} ${hidden.length === 1 ? 'is' : 'are'} hidden on this page and counted here: consensus is of all runs of a role.`;
}

/** In words: what no run and every run changed, beside independent runs. */
export function consensusSummary({ title, set, hidden, found, expected }: ConsensusPanel): string {
  const runs = set.runs.length;
  const share = (values: readonly number[], c: number): string => formatValue(values[c] ?? 0, 'share');
  return `${title}: of ${formatCount(total(set.counts ?? []))} weights ${share(found, 0)} are changed by no run (independent runs: ${share(expected, 0)}), ${share(found, runs)} by all ${String(runs)} (${share(expected, runs)}).${hidden.length > 0 ? ` ${hiddenRuns(hidden)}` : ''}`;
}

/** Shares that a logarithmic axis can carry: nothing is left out but what is 0. */
function drawn(values: readonly number[], log: boolean): (number | '-')[] {
  return values.map((value) => (log && value <= 0 ? '-' : value));
}

function seriesOf(panel: ConsensusPanel, index: number, { log, theme }: ConsensusFigure, width: number) {
  const axes = { xAxisIndex: index, yAxisIndex: index, silent: true } as const;
  const bar: BarSeriesOption = {
    ...axes,
    type: 'bar',
    name: `${panel.title}: found`,
    data: drawn(panel.found, log),
    itemStyle: { color: panel.colour },
    barWidth: '62%',
    emphasis: { disabled: true },
  };
  const tick: ScatterSeriesOption = {
    ...axes,
    type: 'scatter',
    name: `${panel.title}: independent runs`,
    data: drawn(panel.expected, log),
    symbol: 'rect',
    symbolSize: [Math.max(8, (width / panel.found.length) * 0.8), 2.5],
    itemStyle: { color: theme.ink, borderColor: theme.paper, borderWidth: 0.75 },
    emphasis: { disabled: true },
    z: 3,
  };
  return [bar, tick];
}

/** Smallest power of ten below every share that is drawn. */
function floorOf(panels: readonly ConsensusPanel[]): number {
  const positive = panels.flatMap(({ found, expected }) => [...found, ...expected]).filter((x) => x > 0);
  return 10 ** Math.max(-9, Math.floor(Math.log10(Math.min(1, ...positive))));
}

/** How many weights exactly c of N runs changed (bars), against independent runs of the same densities (marks): an ECharts option. */
export function consensusBars(figure: ConsensusFigure): EChartsOption {
  const { panels, width, log, theme } = figure;
  const { boxes } = consensusLayout(panels.length, width);
  const small = { color: theme.mutedInk, fontSize: theme.fontSize * 0.92 };
  const floor = floorOf(panels);
  const percent = (value: number): string => `${String(Number((100 * value).toPrecision(3)))} %`;
  return {
    animation: false,
    textStyle: { fontFamily: theme.fontFamily, fontSize: theme.fontSize, color: theme.ink },
    grid: boxes.map((box) => ({ ...box, containLabel: false })),
    title: panels.map(({ title }, index) => ({
      text: title,
      left: (boxes[index]?.left ?? 0) - LEFT,
      top: (boxes[index]?.top ?? 0) - TOP + 2,
      padding: 0,
      textStyle: { color: theme.ink, fontSize: theme.fontSize, fontWeight: 'bold' as const },
    })),
    xAxis: panels.map(({ found, set }, gridIndex) => ({
      type: 'category' as const,
      gridIndex,
      data: found.map((_, c) => String(c)),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: theme.rule } },
      axisLabel: small,
      name: `runs that changed a weight, of ${String(set.runs.length)}`,
      nameLocation: 'middle' as const,
      nameGap: theme.fontSize * 1.9,
      nameTextStyle: small,
    })),
    yAxis: panels.map((_, gridIndex) => ({
      ...(log ? { type: 'log' as const, min: floor, max: 1 } : { type: 'value' as const, min: 0 }),
      gridIndex,
      splitNumber: 4,
      splitLine: { lineStyle: { color: theme.rule } },
      axisLabel: { ...small, formatter: percent },
    })),
    series: panels.flatMap((panel, index) => seriesOf(panel, index, figure, boxes[index]?.width ?? 0)),
  };
}
