import { describe, expect, it } from 'vitest';
import { Footnotes } from '../../src-main/cli/Footnotes.ts';
import { breakdownTable } from '../../src-main/cli/breakdownTable.ts';
import { overviewTable } from '../../src-main/cli/overviewTable.ts';
import { endpoints, resultColumns, splitByRole } from '../../src-main/cli/ResultView.ts';
import { StudyReport } from '../../src-main/cli/StudyReport.ts';
import { renderTable } from '../../src-main/cli/table.ts';
import type { MeasureInfo } from '../../src-main/contract/measure.ts';
import type { Row } from '../../src-main/contract/rows.ts';
import { Variant } from '../../src-main/contract/study.ts';
import { MemoryTerminal } from './MemoryTerminal.ts';

const variant = (label: string, role: string, more: object = {}): Variant =>
  Variant.parse({ label, role, path: `/${label}`, ...more });

const VARIANTS = [
  variant('rl-seed1', 'rl', { from: 'sft' }),
  variant('sft', 'sft'),
  variant('distilled', 'other'),
];

const measure = (info: Partial<MeasureInfo> & Pick<MeasureInfo, 'id' | 'title' | 'unit'>): MeasureInfo => ({
  version: 1,
  group: 'B1',
  formula: 'f(w)',
  meaning: 'It tells something.',
  parameters: {},
  baseline: null,
  aggregation: 'unweighted-mean',
  arity: 'variant',
  optional: false,
  normMatched: 'value',
  headline: true,
  scope: 'matrices',
  complement: null,
  sources: [{ arxiv: '2511.08567', where: 'Def. 2.1' }],
  ...info,
});

const UNCHANGED = measure({
  id: 'update.unchanged',
  title: 'Weights unchanged',
  unit: 'share',
  complement: 'changed',
});
const ENERGY = measure({
  id: 'energy.two-sided',
  title: 'Update energy in the frame',
  unit: 'share',
  parameters: { k: 128 },
  baseline: { title: 'isotropic update', formula: 'k^2 / (mn)' },
});
const RANK = measure({ id: 'rank.stable', title: 'Stable rank', unit: 'dimensions' });
const COSINE = measure({
  id: 'update.cosine',
  title: 'Cosine between updates',
  unit: 'cosine',
  arity: 'pair-of-variants',
  parameters: { with: null },
});

const row = (variantLabel: string, info: MeasureInfo, more: Partial<Row>): Row => ({
  variant: variantLabel,
  role: VARIANTS.find(({ label }) => label === variantLabel)?.role ?? 'other',
  reference: 'base',
  level: 'overall',
  tensor: null,
  layer: null,
  module: null,
  measure: info.id,
  value: null,
  unit: info.unit,
  baseline: null,
  method: 'svd_gram_f64 (cpu)',
  parameters: {},
  dtype: 'BF16',
  source: 'arXiv:2511.08567',
  tensors: 3,
  spread: null,
  residual: null,
  reason: null,
  ...more,
});

const ROWS: Row[] = [
  row('sft', UNCHANGED, { value: 0.033 }),
  row('rl-seed1', UNCHANGED, { value: 0.772 }),
  row('distilled', UNCHANGED, { value: 1 }),
  row('sft', ENERGY, {
    value: 0.0052,
    baseline: 0.0019,
    spread: { q1: 0.004, median: 0.005, q3: 0.006 },
    parameters: { k: '32 to 64' },
  }),
  row('rl-seed1', ENERGY, { value: 0.0087, baseline: 0.0019, parameters: { k: '32 to 64' } }),
  row('distilled', ENERGY, { reason: 'the update is exactly zero' }),
  row('sft', RANK, { value: 11.7 }),
  row('rl-seed1', RANK, { value: 'NaN' }),
  row('sft', COSINE, { value: 0.31, parameters: { with: 'distilled' } }),
];

describe('overviewTable', () => {
  const columns = resultColumns(VARIANTS);

  it('puts SFT beside RL beside others, labels shares both ways, and shows baselines, spread and reasons', () => {
    const notes = new Footnotes();
    const view = { rows: ROWS, measures: [UNCHANGED, ENERGY, RANK, COSINE], columns };
    expect(renderTable(overviewTable(view, { notes, spread: true }), { width: 100 })).toBe(`\
                                                SFT        RL      OTHER
                                                sft  rl-seed1  distilled
measure                                   from base  from sft  from base
──────────────────────────────────────  ───────────  ────────  ─────────
Weights unchanged                             3.3 %    77.2 %      100 %
  changed                                    96.7 %    22.8 %        0 %
Update energy in the frame                   0.52 %    0.87 %    n/a [1]
  isotropic update                           0.19 %    0.19 %
  middle half of matrices               0.40–0.60 %
Stable rank [dimensions]                       11.7       NaN    n/a [2]
Cosine between updates, with distilled        0.310
`);
    expect(notes.lines()).toEqual(['[1] the update is exactly zero', '[2] no result is stored yet']);
  });
});

describe('breakdownTable', () => {
  const columns = resultColumns(VARIANTS.slice(0, 2));
  const at = (module: string, label: string, info: MeasureInfo, more: Partial<Row>): Row =>
    row(label, info, { level: 'module', module, ...more });

  it('has a section per measure, and a column for a baseline that all variants share', () => {
    const rows = [
      at('q_proj', 'sft', ENERGY, { value: 0.01, baseline: 0.002 }),
      at('q_proj', 'rl-seed1', ENERGY, { value: 0.02, baseline: 0.002 }),
      at('norm', 'sft', UNCHANGED, { value: 0.5 }),
      at('norm', 'rl-seed1', UNCHANGED, { value: 0.99995 }),
    ];
    const table = breakdownTable({ rows, measures: [UNCHANGED, ENERGY], columns }, 'module', new Footnotes());
    expect(renderTable(table, { width: 100 })).toBe(`\
                          SFT         RL
                          sft   rl-seed1
module    baseline  from base   from sft
────────  ────────  ─────────  ─────────
Weights unchanged; the rest: changed
  norm                 50.0 %  99.9950 %
Update energy in the frame; baseline: isotropic update
  q_proj    0.20 %      1.0 %      2.0 %
`);
  });

  it('puts a baseline that differs below its value', () => {
    const rows = [
      at('q_proj', 'sft', ENERGY, { value: 0.01, baseline: 0.002 }),
      at('q_proj', 'rl-seed1', ENERGY, { value: 0.02, baseline: 0.004 }),
    ];
    const table = breakdownTable({ rows, measures: [ENERGY], columns }, 'module', new Footnotes());
    expect(table.lines.map(({ cells }) => cells)).toEqual([
      ['Update energy in the frame'],
      ['  q_proj', '', '1.0 %', '2.0 %'],
      ['    isotropic update', '', '0.20 %', '0.40 %'],
    ]);
  });
});

describe('columns of many variants', () => {
  const many = resultColumns([
    variant('s1', 'sft'),
    variant('s2', 'sft'),
    ...[1, 2, 3, 4, 5].map((n) => variant(`r${String(n)}`, 'rl')),
    variant('o', 'other'),
  ]);
  const split = (tables: number): string[][] =>
    splitByRole(many, tables).map((part) => part.map(({ label }) => label));

  it('keep SFT beside RL in every table, and lose none', () => {
    expect(split(1)).toEqual([['s1', 's2', 'r1', 'r2', 'r3', 'r4', 'r5', 'o']]);
    expect(split(2)).toEqual([
      ['s1', 'r1', 'r2', 'r3', 'o'],
      ['s2', 'r4', 'r5'],
    ]);
    expect(split(3)).toEqual([
      ['s1', 'r1', 'r2', 'o'],
      ['s2', 'r3', 'r4'],
      ['s2', 'r5'],
    ]);
  });

  it('can be the last checkpoint of each run', () => {
    const run = (label: string, name: string | null, step: number | null): Variant =>
      variant(label, 'rl', { run: name, step });
    const found = endpoints([
      run('a50', 'a', 50),
      run('a100', 'a', 100),
      run('b', 'b', null),
      run('c', null, null),
    ]);
    expect(found.map(({ label }) => label)).toEqual(['a100', 'b', 'c']);
  });
});

describe('StudyReport', () => {
  it('keeps every line within the terminal and ends with reasons and definitions', () => {
    const terminal = new MemoryTerminal({ columns: 60 });
    const report = new StudyReport(terminal);
    report.overview(ROWS, [UNCHANGED, ENERGY], resultColumns(VARIANTS));
    report.end(false);
    for (const line of terminal.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
    expect(terminal.stdout).toContain('\n[1] the update is exactly zero\n');
    expect(terminal.stdout).toContain('parameters k = 32 to 64 (asked for: 128)');
    expect(terminal.stdout).toContain('aggregated unweighted mean over matrices');
    expect(terminal.stdout).toContain('source     arXiv 2511.08567, Def. 2.1');
    expect(terminal.stdout).not.toContain('\u001b');
  });
});
