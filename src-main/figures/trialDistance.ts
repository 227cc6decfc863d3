import { formatPlain, formatValue } from '../contract/format.ts';
import type { TrialResult } from '../contract/sweep.ts';
import type {
  ChartFigure,
  FigureCursor,
  FigureFrame,
  FigureTable,
  NoFigure,
  ReadoutLine,
} from './chartFigure.ts';
import { distanceLayout, pointOf, type DistancePanel, type DistanceSpec } from './distanceLayout.ts';
import { distanceOption } from './distanceOption.ts';
import {
  bestOf,
  detectable,
  familyName,
  levels,
  OUTCOME_WORDS,
  outcomeOf,
  probeOf,
  pOf,
  scaleOn,
  scaleTitle,
  type TrialSubject,
  valueOf,
  valueText,
} from './trialSubject.ts';

const ABOUT = { id: 'distance', title: 'What a repair brings back, against how far it moves the weights' };

/** How near the pointer must be, in units of the font size. */
const REACH = 2;

/** Whether distances are shares of the way from target to donor; absolute norms where there is no way. */
const isShare = (results: readonly TrialResult[]): boolean =>
  results.every(({ moved }) => moved === null || moved.shareOfDonor !== null);

interface Placed {
  readonly result: TrialResult;
  readonly x: number;
}

/** Edited trials whose distance is known, the nearest first. */
function placed(subject: TrialSubject): Placed[] {
  const share = isShare(subject.results);
  return subject.results
    .flatMap((result) => {
      const { moved, trial, probes } = result;
      if (trial.kind === 'model' || moved === null || probes.length === 0) return [];
      return [{ result, x: share ? (moved.shareOfDonor ?? 0) : moved.norm }];
    })
    .toSorted((a, b) => a.x - b.x || a.result.trial.label.localeCompare(b.result.trial.label));
}

function panelOf(subject: TrialSubject, probe: TrialSubject['probes'][number]): DistancePanel {
  const scale = scaleOn(subject, probe.name);
  const best = bestOf(
    subject.results.filter(({ trial }) => trial.kind === 'repair'),
    probe.name,
    scale,
  );
  return {
    title: `${probe.name}: ${scaleTitle(scale)}`,
    probe: probe.name,
    scale,
    points: placed(subject).map(({ result, x }) => ({
      id: result.trial.id,
      x,
      value: valueOf(result, probe.name, scale),
      style: subject.styles.get(result.trial.id) ?? null,
      label: probe.kind === 'ood' && result.trial.id === best?.trial.id ? result.trial.label : null,
    })),
    levels: levels(subject, probe.name),
    detectable: detectable(subject, probe.name),
  };
}

/** One line per family for the legend, repairs first. */
function legendOf(subject: TrialSubject): DistanceSpec['legend'] {
  const seen = new Map<string, DistanceSpec['legend'][number]>();
  const edited = subject.results.filter(({ trial }) => trial.kind !== 'model');
  for (const { trial } of edited.toSorted((a, b) => b.trial.kind.localeCompare(a.trial.kind))) {
    const style = subject.styles.get(trial.id);
    const label = `${trial.kind === 'control' ? 'control: ' : ''}${familyName(trial.family)}`;
    if (style && !seen.has(label)) seen.set(label, { label, style });
  }
  return [...seen.values()];
}

function linesOf(subject: TrialSubject, result: TrialResult): ReadoutLine[] {
  const style = subject.styles.get(result.trial.id) ?? null;
  return subject.probes.flatMap(({ name }): ReadoutLine[] => {
    const found = probeOf(result, name);
    const line = (label: string, value: string): ReadoutLine => ({
      label,
      style: label === 'solved' ? style : null,
      panel: name,
      value,
    });
    if (!found) return [line('solved', 'none')];
    const { accuracy, recovery, versusTarget } = found;
    return [
      line('solved', formatValue(accuracy.value, 'share')),
      line('95 %', accuracy.interval.map((end) => (100 * end).toFixed(1)).join('–')),
      line(
        'gained, lost',
        versusTarget ? `${String(versusTarget.gained)}, ${String(versusTarget.lost)}` : 'n/a',
      ),
      line('p', versusTarget ? pOf(versusTarget) : 'n/a'),
      line('recovered', formatValue(recovery?.value ?? null, 'share')),
    ];
  });
}

function summaryOf(subject: TrialSubject): string[] {
  return subject.probes.map(({ name }) => {
    const scale = scaleOn(subject, name);
    const best = (kind: 'repair' | 'control'): string => {
      const result = bestOf(
        subject.results.filter(({ trial }) => trial.kind === kind),
        name,
        scale,
      );
      if (!result) return `no ${kind} has answered`;
      const paired = probeOf(result, name)?.versusTarget;
      const outcome = paired ? `, against the target ${OUTCOME_WORDS[outcomeOf(paired)]}` : '';
      return `the best ${kind} is ${result.trial.label} with ${valueText(valueOf(result, name, scale))}${outcome}`;
    };
    const models = levels(subject, name).map(({ label, value }) => `${label} ${formatValue(value, 'share')}`);
    return `${name}, ${scaleTitle(scale)}: ${best('repair')}; ${best('control')}. Models: ${models.join(', ')}.`;
  });
}

function captionOf(subject: TrialSubject, spec: DistanceSpec): string[] {
  const bands = spec.panels.flatMap(({ detectable: width, probe }) =>
    width === null ? [] : [`${(100 * width).toFixed(1)} points on ${probe}`],
  );
  return [
    isShare(subject.results)
      ? 'Distance: |W′ − W_target| over all compared tensors, as a share of |W_donor − W_target|.'
      : 'Distance: |W′ − W_target| over all compared tensors.',
    'Bars: 95 %, Wilson for accuracies, Fieller for recoveries. Filled: repairs. Hollow: controls, which move the weights as far in a direction that means nothing, or take as many parameters at random.',
    bands.length > 0
      ? `Grey band: differences from the target that so many problems would miss more than one time in five (${bands.join(', ')}).`
      : '',
  ];
}

function tableOf(subject: TrialSubject, trials: readonly Placed[]): FigureTable {
  const share = isShare(subject.results);
  const columns = subject.probes.flatMap(({ name }) => [
    { title: `${name}: solved`, scale: 'accuracy', name } as const,
    { title: `${name}: recovered`, scale: 'recovery', name } as const,
  ]);
  return {
    columns: ['trial', 'kind', 'distance', ...columns.map(({ title }) => title)],
    count: trials.length,
    cell: (row, column) => {
      const at = trials[row];
      if (!at) return '';
      const { trial } = at.result;
      const distance = share ? formatValue(at.x, 'share') : formatPlain(at.x);
      if (column < 3) return [trial.label, trial.kind, distance][column] ?? '';
      const asked = columns[column - 3];
      return asked ? valueText(valueOf(at.result, asked.name, asked.scale)) : '';
    },
  };
}

/** The trial whose point is nearest, in any panel. */
function nearest(spec: DistanceSpec, frame: FigureFrame, { x, y }: { x: number; y: number }): number | null {
  const layout = distanceLayout(spec, frame);
  const near = layout.panels.flatMap((panel, index) =>
    (spec.panels[index]?.points ?? []).flatMap((point, step) => {
      const at = pointOf(layout, panel, point);
      const far = at ? Math.hypot(at.x - x, at.y - y) : Infinity;
      return far < REACH * layout.em ? [{ step, far }] : [];
    }),
  );
  return near.toSorted((a, b) => a.far - b.far)[0]?.step ?? null;
}

function cursorOf(subject: TrialSubject, trials: readonly Placed[], spec: DistanceSpec): FigureCursor {
  return {
    count: trials.length,
    name: (step) => trials[step]?.result.trial.label ?? '',
    lines: (step) => {
      const at = trials[step];
      return at ? linesOf(subject, at.result) : [];
    },
    boxes: (frame, step) => {
      const layout = distanceLayout(spec, frame);
      const half = 0.75 * layout.em;
      return layout.panels.flatMap((panel, index) => {
        const point = spec.panels[index]?.points[step];
        const at = point && pointOf(layout, panel, point);
        return at ? [{ left: at.x - half, top: at.y - half, width: 2 * half, height: 2 * half }] : [];
      });
    },
    at: (frame, point) => nearest(spec, frame, point),
  };
}

/** ID and OOD performance of every trial against the distance that it moves the weights. */
export function trialDistance(subject: TrialSubject): ChartFigure | NoFigure {
  const trials = placed(subject);
  if (trials.length === 0)
    return { ...ABOUT, reason: 'No trial has answered yet.', remedy: 'Points appear here as trials end.' };
  const share = isShare(subject.results);
  const spec: DistanceSpec = {
    xTitle: share ? 'distance moved, as a share of the way to the donor' : 'distance moved, |W′ − W_target|',
    isShare: share,
    panels: subject.probes.map((probe) => panelOf(subject, probe)),
    legend: legendOf(subject),
  };
  return {
    ...ABOUT,
    caption: captionOf(subject, spec),
    summary: summaryOf(subject),
    table: tableOf(subject, trials),
    cursor: cursorOf(subject, trials, spec),
    height: (frame) => distanceLayout(spec, frame).height,
    option: (frame) => distanceOption(spec, frame),
  };
}
