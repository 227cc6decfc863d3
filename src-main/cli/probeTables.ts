import { must } from '../base/assert.ts';
import { formatCount } from '../contract/format.ts';
import type { Paired, ProbeDocument, ProbeRun } from '../contract/probe.ts';
import { accuracyText, differenceText, pointsText, pText } from './accuracyText.ts';
import type { Ink } from './ink.ts';
import { renderTable, type TableColumn, type TableLine } from './table.ts';

type Model = ProbeDocument['models'][number];

const COLUMNS: readonly TableColumn[] = [
  { header: ['model'], align: 'left' },
  { header: ['accuracy'], align: 'right' },
  { header: ['gained'], align: 'right' },
  { header: ['lost'], align: 'right' },
  { header: ['difference,', 'points'], align: 'right' },
  { header: ['p'], align: 'right' },
  { header: ['detectable,', 'points'], align: 'right' },
];

/** A table per probe: models below each other with their strata, each compared with the first; then how answers were judged. */
export function probeTables({ models, settings }: ProbeDocument, style: { width: number; ink: Ink }): string {
  const names = models[0]?.probes.map(({ probe }) => probe) ?? [];
  const tests = models.reduce((sum, { paired }) => sum + paired.length, 0);
  const tables = names.map((name, index) => {
    const runs = models.map((model) => ({ model, run: must(model.probes[index], 'every model answered') }));
    const title = titleOf(must(runs[0], 'a model').run);
    const lines = runs.flatMap(({ model, run }) => modelLines(model, run, name));
    return `${style.ink.strong(title)}\n${renderTable({ columns: COLUMNS, lines }, style)}${verdictLines(runs)}${twinLines(models, name)}`;
  });
  return `${tables.join('\n')}\n${legend(models, tests, settings.seed)}`;
}

function titleOf({ probe, kind, accuracy, fingerprint }: ProbeRun): string {
  const meaning = kind === 'id' ? 'in distribution' : 'out of distribution';
  return `${probe}: ${meaning}, ${formatCount(accuracy.n)} problems (${fingerprint.slice(0, 8)})`;
}

function modelLines({ label, paired }: Model, run: ProbeRun, probe: string): TableLine[] {
  const comparison = paired.find((one) => one.probe === probe);
  return [
    {
      cells: [label, accuracyText(run.accuracy), ...(comparison ? comparedCells(comparison) : [])],
      emphasis: 'strong',
    },
    ...run.strata.map(({ stratum, value, accuracy }): TableLine => ({
      cells: [`  ${stratum} ${value} (${formatCount(accuracy.n)})`, accuracyText(accuracy)],
      emphasis: 'faint',
    })),
  ];
}

function comparedCells(paired: Paired): string[] {
  const { gained, lost, difference, interval, p, pAdjusted, detectable } = paired;
  return [
    formatCount(gained),
    formatCount(lost),
    differenceText(difference, interval),
    pText(pAdjusted ?? p),
    pointsText(detectable),
  ];
}

function verdictLines(runs: readonly { model: Model; run: ProbeRun }[]): string {
  return runs
    .map(({ model, run }) => {
      const counts = Object.entries(run.verdicts).sort(([, a], [, b]) => b - a);
      return `${model.label}: ${counts.map(([verdict, count]) => `${formatCount(count)} ${verdict}`).join(', ')}\n`;
    })
    .join('');
}

function twinLines(models: readonly Model[], probe: string): string {
  return models
    .flatMap(({ label, twins }) =>
      twins
        .filter((one) => one.probe === probe)
        .map(
          ({ n, difference, interval, gained, lost, p }) =>
            `${label}: ${formatCount(n)} perturbed twins, ${differenceText(difference, interval)} points (${formatCount(gained)} gained, ${formatCount(lost)} lost, p ${pText(p)})\n`,
        ),
    )
    .join('');
}

function legend(models: readonly Model[], tests: number, seed: number): string {
  const intervals = 'Intervals: 95 %, Wilson for accuracies';
  const [first] = models;
  if (models.length < 2 || !first) return `${intervals}.\n`;
  return (
    `${intervals}, paired bootstrap over problems for differences (seed ${seed}). Compared with ${first.label} on the same problems:\n` +
    `p of the exact two-sided McNemar test, corrected by Holm over ${formatCount(tests)} comparison${tests === 1 ? '' : 's'}. Detectable: the smallest difference that the test would\n` +
    'find with 80 % power at 5 % for this number of problems and share of differing answers.\n'
  );
}
