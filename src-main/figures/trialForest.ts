import { formatValue } from '../contract/format.ts';
import type { TrialResult } from '../contract/sweep.ts';
import type { ChartFigure, FigureFrame, FigureTable, NoFigure, ReadoutLine } from './chartFigure.ts';
import { forestLayout, rowBox, type ForestRow, type ForestSpec } from './forestLayout.ts';
import { forestOption } from './forestOption.ts';
import {
  detectable,
  familyName,
  levels,
  OUTCOME_SIGNS,
  OUTCOME_WORDS,
  outcomeOf,
  points,
  probeOf,
  pOf,
  scaleOn,
  scaleTitle,
  type TrialScale,
  type TrialSubject,
  valueOf,
  valueText,
} from './trialSubject.ts';

function byValue(results: readonly TrialResult[], probe: string, scale: TrialScale): TrialResult[] {
  const rank = (result: TrialResult): number => valueOf(result, probe, scale)?.value ?? -Infinity;
  return results.toSorted((a, b) => rank(b) - rank(a));
}

function rowOf(subject: TrialSubject, probe: string, result: TrialResult, depth: number): ForestRow {
  const found = probeOf(result, probe);
  const scale = scaleOn(subject, probe);
  const paired = found?.versusTarget ?? null;
  const outcome = paired ? outcomeOf(paired) : null;
  return {
    result,
    depth,
    // Below its repair a control need not say again what it is a control of.
    name: depth > 0 ? familyName(result.trial.family) : result.trial.label,
    style: subject.styles.get(result.trial.id) ?? null,
    value: valueOf(result, probe, scale),
    outcome,
    says: paired && outcome ? `${OUTCOME_SIGNS[outcome]} ${OUTCOME_WORDS[outcome]}, p ${pOf(paired)}` : '',
  };
}

/** Models, then every repair from the best on with its own controls below it, then the controls of all. */
function rowsOf(subject: TrialSubject, probe: string): ForestRow[] {
  const scale = scaleOn(subject, probe);
  const there = subject.results.filter((result) => probeOf(result, probe) !== null);
  const of = (kind: TrialResult['trial']['kind']): TrialResult[] =>
    byValue(
      there.filter(({ trial }) => trial.kind === kind),
      probe,
      scale,
    );
  const [repairs, controls] = [of('repair'), of('control')];
  const isOwn = ({ trial }: TrialResult): boolean =>
    trial.controlOf.length < Math.max(2, repairs.length) &&
    repairs.some((repair) => trial.controlOf.includes(repair.trial.id));
  const taken = new Set<string>();
  const rows = of('model').map((result) => rowOf(subject, probe, result, 0));
  for (const repair of repairs) {
    rows.push(rowOf(subject, probe, repair, 0));
    for (const control of controls) {
      const { id: own, controlOf } = control.trial;
      if (taken.has(own) || !isOwn(control) || !controlOf.includes(repair.trial.id)) continue;
      taken.add(own);
      rows.push(rowOf(subject, probe, control, 1));
    }
  }
  const rest = controls.filter(({ trial }) => !taken.has(trial.id));
  return [...rows, ...rest.map((control) => rowOf(subject, probe, control, 0))];
}

function linesOf({ result, style }: ForestRow, probe: string): ReadoutLine[] {
  const found = probeOf(result, probe);
  if (!found) return [];
  const { accuracy, recovery, versusTarget, versusControl } = found;
  const line = (label: string, value: string): ReadoutLine => ({
    label,
    style: label === 'solved' ? style : null,
    panel: '',
    value,
  });
  return [
    line('solved', `${String(accuracy.correct)} of ${String(accuracy.n)}`),
    line('accuracy', valueText(accuracy)),
    line('recovered', recovery ? valueText(valueOf(result, probe, 'recovery')) : 'n/a'),
    ...(versusTarget
      ? [
          line('vs target', points(versusTarget.difference)),
          line('gained, lost', `${String(versusTarget.gained)}, ${String(versusTarget.lost)}`),
          line('p', pOf(versusTarget)),
        ]
      : []),
    ...(versusControl
      ? [line('vs control', points(versusControl.difference)), line('p against it', pOf(versusControl))]
      : []),
  ];
}

function summaryOf(subject: TrialSubject, rows: readonly ForestRow[], probe: string): string[] {
  const repairs = rows.filter(({ result }) => result.trial.kind === 'repair');
  const named = (outcome: ForestRow['outcome']): string => {
    const labels = repairs.filter((row) => row.outcome === outcome).map(({ result }) => result.trial.label);
    return labels.length === 0 ? 'none' : labels.join(', ');
  };
  const beating = repairs.filter(({ result }) => {
    const versus = probeOf(result, probe)?.versusControl;
    return versus && outcomeOf(versus) === 'better';
  });
  return [
    `Better than the target on ${probe}, after Holm’s correction over ${String(subject.comparisons)} comparisons: ${named('better')}.`,
    `Worse than the target: ${named('worse')}.`,
    beating.length === 0
      ? 'No repair is certain to beat the best of its controls.'
      : `Beats the best of its controls: ${beating.map(({ result }) => result.trial.label).join(', ')}.`,
  ];
}

function cursorOf(spec: ForestSpec, probe: string): ChartFigure['cursor'] {
  return {
    count: spec.rows.length,
    name: (step) => spec.rows[step]?.result.trial.label ?? '',
    lines: (step) => {
      const row = spec.rows[step];
      return row ? linesOf(row, probe) : [];
    },
    boxes: (frame: FigureFrame, step) => [rowBox(forestLayout(spec, frame), step)],
    at: (frame, { y }) => {
      const layout = forestLayout(spec, frame);
      const step = Math.floor((y - layout.plot.top) / layout.row);
      return step >= 0 && step < spec.rows.length ? step : null;
    },
  };
}

function tableOf(rows: readonly ForestRow[], probe: string): FigureTable {
  const versus = ({ result }: ForestRow): string => {
    const found = probeOf(result, probe)?.versusControl;
    return found ? `${points(found.difference)}, p ${pOf(found)}` : 'n/a';
  };
  const cells: readonly (readonly [string, (row: ForestRow) => string])[] = [
    ['trial', ({ result, depth }) => `${depth > 0 ? '↳ ' : ''}${result.trial.label}`],
    ['kind', ({ result }) => result.trial.kind],
    ['solved', ({ result }) => valueText(valueOf(result, probe, 'accuracy'))],
    ['recovered', ({ result }) => valueText(valueOf(result, probe, 'recovery'))],
    ['against the target', ({ says }) => (says === '' ? 'n/a' : says)],
    ['against its control', versus],
  ];
  return {
    columns: cells.map(([name]) => name),
    count: rows.length,
    cell: (row, column) => {
      const at = rows[row];
      return at ? (cells[column]?.[1](at) ?? '') : '';
    },
  };
}

function captionOf({ scale, detectable: width }: ForestSpec, comparisons: number): string[] {
  const what = scaleTitle(scale);
  return [
    `${what.slice(0, 1).toUpperCase()}${what.slice(1)}, 95 % intervals. ▲ and ▼, with a thick bar: certain against the target, exact McNemar test on the same problems, Holm’s correction over ${String(comparisons)} comparisons. –: not certain. △, ▽ and p in brackets: tests that are not among those corrected.`,
    'A control stands below the first repair that it is a control of; hollow markers.',
    width === null
      ? ''
      : `Grey band: ${formatValue(width, 'share')} around the target, which so many problems would miss more than one time in five.`,
  ];
}

/** Every trial on one probe with its interval, sorted, controls below the repairs that they are of. */
export function trialForest(subject: TrialSubject, probe: string): ChartFigure | NoFigure {
  const about = { id: 'forest', title: `All trials on ${probe}, each with its controls` };
  const rows = rowsOf(subject, probe);
  if (rows.length === 0)
    return {
      ...about,
      reason: 'No trial has answered this probe yet.',
      remedy: 'Trials appear here as they end.',
    };
  const spec: ForestSpec = {
    scale: scaleOn(subject, probe),
    rows,
    levels: levels(subject, probe),
    detectable: detectable(subject, probe),
  };
  return {
    ...about,
    caption: captionOf(spec, subject.comparisons),
    summary: summaryOf(subject, rows, probe),
    table: tableOf(rows, probe),
    cursor: cursorOf(spec, probe),
    height: (frame) => forestLayout(spec, frame).height,
    option: (frame) => forestOption(spec, frame),
  };
}
