import { beforeAll, describe, expect, it } from 'vitest';
import { citation } from '../../src-main/contract/citation.ts';
import { reproduction } from '../../src-main/contract/reproduction.ts';
import { RowsDocument, type Row } from '../../src-main/contract/rows.ts';
import { Study } from '../../src-main/study/Study.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { runCommand } from './runCommand.ts';
import { tinyModel } from './tinyModels.ts';

const folder = tempFolder();
const STUDY = "it's a study";

beforeAll(async () => {
  tinyModel(folder, 'base');
  tinyModel(folder, 'sft', { change: 0.1, seed: 2 });
  tinyModel(folder, 'rl-1', { change: 0.01, seed: 3 });
  tinyModel(folder, 'rl-2', { change: 0.02, seed: 4 });
  const made = await runCommand(
    folder,
    ...['compare', 'base', '--sft', 'sft', '--rl', 'rl-1', '--rl', 'rl-2', '--out', STUDY],
  );
  expect(made.stderr).toMatch(/./);
  expect(made.code).toBe(0);
});

function rows(query: Parameters<Study['rows']>[0]): Row[] {
  using study = Study.open(`${folder}/${STUDY}`);
  return study.rows(query);
}

/** Words of a command line as a POSIX shell splits them. */
function shellWords(line: string): string[] {
  const words = line.match(/(?:'[^']*'|\\.|[^\s'\\])+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(/'([^']*)'|\\(.)/g, (_, quoted?: string, escaped?: string) => quoted ?? escaped ?? ''),
  );
}

/** Two rows of one measure in one place, with all that tells pairs and parts apart. */
const identity = ({ value: _, spread: __, parameters, ...row }: Row): string =>
  JSON.stringify([row, parameters['with'] ?? null]);

/** Of one variant, of pairs in both orders, of sets; some are the first words of others. */
const measure = ['update.unchanged.bf16', 'masks.low', 'overlap.one-sided', 'overlap.ever'];
const variant = ['sft', 'rl-1', 'rl-2'];
const one = { measure: measure.slice(0, 1), variant: ['rl-1'] };

const QUERIES: readonly (readonly [string, Parameters<Study['rows']>[0]])[] = [
  ['aggregates', { measure, variant, level: ['overall', 'module'] }],
  ['layers and tensors', { ...one, level: ['layer', 'tensor'] }],
  ['rows over some layers and modules', { ...one, layers: ['1'], module: ['q_proj', 'down_proj'] }],
  ['rows of one module', { ...one, module: ['q_proj'], level: ['layer', 'module'] }],
  ['rows per unit of norm', { ...one, per: ['update-norm'], level: ['overall', 'layer'] }],
];

describe('the command line of a value', () => {
  it.each(QUERIES)('prints the very number again: %s', async (_, query) => {
    const known = rows(query);
    expect(known.length).toBeGreaterThan(2);
    const printed = new Map<string, Promise<Row[]>>();
    const run = async (line: string): Promise<Row[]> => {
      const [program, ...argv] = shellWords(line);
      expect(program).toBe('polarimeter');
      const { code, stdout, stderr } = await runCommand(folder, ...argv);
      expect(code, `${line}\n${stderr}`).toBe(0);
      return RowsDocument.parse(JSON.parse(stdout)).rows;
    };
    for (const row of known) {
      const line = reproduction(row, STUDY);
      if (!printed.has(line)) printed.set(line, run(line));
      const found = (await printed.get(line)!).filter((other) => identity(other) === identity(row));
      expect(found, line).toHaveLength(1);
      expect(found[0]?.value, line).toEqual(row.value);
    }
  });

  it('is one line that a shell reads as it stands', () => {
    const [row] = rows({ measure: ['overlap.jaccard'], level: ['overall'] });
    expect(reproduction(row!, STUDY)).toBe(
      `polarimeter study rows 'it'\\''s a study' --measures overlap.jaccard --variant ${row!.variant},${String(row!.parameters['with'])} --level overall --json`,
    );
  });
});

describe('the citation of a value', () => {
  it('has value, place, definition, method, baseline and source with a key for BibTeX', () => {
    const row = rows({ measure: ['angles.left.max'], level: ['overall'], variant: ['rl-1'] })[0]!;
    using study = Study.open(`${folder}/${STUDY}`);
    const measure = study.measures().find(({ id }) => id === row.measure)!;
    const text = citation(measure, row);
    for (const part of [
      `Largest principal angle, output side of rl-1 from base, over the whole model: ${String(row.value)}`,
      'two random k-subspaces: 90',
      '[angles.left.max, version',
      'unweighted mean over matrices; k = ',
      'svd_',
      'BF16',
      'Definition: arXiv:2511.08567',
      '@misc{arXiv-2511.08567, eprint = {2511.08567}, archivePrefix = {arXiv}}',
    ])
      expect(text).toContain(part);
    expect(citation(measure, null)).not.toContain('rl-1');
    expect(citation(measure, { ...row, value: null, reason: 'not yet' })).toContain('no value (not yet)');
  });

  it('says which part of the model a value is over', () => {
    const [row] = rows({ measure: ['update.norm'], level: ['overall'], layers: ['0-1'], module: ['q_proj'] });
    using study = Study.open(`${folder}/${STUDY}`);
    const measure = study.measures().find(({ id }) => id === 'update.norm')!;
    expect(citation(measure, row!)).toContain('over layers 0-1 and q_proj');
  });
});
