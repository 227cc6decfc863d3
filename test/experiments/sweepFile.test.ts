import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import { GenerationSettings, type EvaluatorInfo } from '../../src-main/contract/evaluator.ts';
import { answerSubject } from '../../src-main/experiments/answerSubject.ts';
import { concernsAll } from '../../src-main/experiments/concernsAll.ts';
import { readSweepFile } from '../../src-main/experiments/sweepFile.ts';
import { caught } from '../fixtures/caught.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const home = tempFolder();

const HEAD = `schema: polarimeter.sweep/1
name: n
target: { label: sft, path: ./sft }
donor: { label: base, path: /models/base }
`;
const PROBE = 'probes: [{ name: ood, kind: ood, path: ood.jsonl }]\n';
const GRID = 'grid: [{ kind: restore, directions: [4, "25 %"] }, { kind: recipes, paths: [r.yaml] }]\n';

let files = 0;
function written(text: string): string {
  const path = join(home, `${String(++files)}.yaml`);
  writeFileSync(path, text);
  return path;
}

describe('a sweep file', () => {
  it('has paths that begin where it lies, and defaults for the rest', () => {
    const file = readSweepFile(written(HEAD + PROBE + GRID));
    expect(file.target.path).toBe(join(home, 'sft'));
    expect(file.donor.path).toBe('/models/base');
    expect(file.probes[0]?.path).toBe(join(home, 'ood.jsonl'));
    expect(file.grid).toEqual([
      { kind: 'restore', directions: [4, '25 %'], part: ['head'], what: ['directions'], variant: ['paper'] },
      { kind: 'recipes', paths: [join(home, 'r.yaml')] },
    ]);
    expect(file).toMatchObject({ controls: { randomLayers: 2, randomStep: 1 }, repair: null, seed: 42 });
  });

  it.each([
    ['no YAML', 'schema: [', 'it is not YAML'],
    ['another schema', HEAD.replace('/1', '/2') + PROBE + GRID, 'schema'],
    ['a field that is wrong', HEAD + PROBE + GRID.replace('"25 %"', '"many"'), 'grid.0.directions.1'],
    ['nothing to try', HEAD + PROBE, 'there is nothing to try'],
    [
      'a name twice',
      `${HEAD}probes: [{ name: a, kind: id, path: p }, { name: a, kind: ood, path: q }]\n${GRID}`,
      '"a" is used twice',
    ],
    [
      'a repair without an OOD probe',
      `${HEAD}probes: [{ name: a, kind: id, path: p }]\nrepair: {}\n`,
      'chosen by an OOD probe',
    ],
  ])('with %s is sweep-invalid and says where', (_what, text, words) => {
    const error = caught(() => readSweepFile(written(text)));
    expect([error.code, error.where]).toEqual(['sweep-invalid', expect.stringContaining('.yaml')]);
    expect(error.message).toContain(words);
  });
});

describe('the key of answers', () => {
  const evaluator: EvaluatorInfo = {
    kind: 'embedded',
    engine: 'llama.cpp',
    device: 'cpu',
    threads: 8,
    weights: 'BF16',
    contextTokens: 128,
  };
  const settings = GenerationSettings.parse({});
  const source = { model: 'm', probe: 'p', settings, evaluator };
  const key = answerSubject(source);

  it('is the same where nothing changes an answer: threads, and the seed of greedy answers', () => {
    expect(answerSubject({ ...source, evaluator: { ...evaluator, threads: 2 } })).toBe(key);
    expect(answerSubject({ ...source, settings: { ...settings, seed: 7, topP: 0.5 } })).toBe(key);
  });

  it('is another where something may', () => {
    const warm = { ...settings, temperature: 1 };
    const keys = [
      key,
      answerSubject({ ...source, model: 'n' }),
      answerSubject({ ...source, probe: 'q' }),
      answerSubject({ ...source, settings: { ...settings, batch: 8 } }),
      answerSubject({ ...source, settings: { ...settings, stop: ['\n'] } }),
      answerSubject({ ...source, settings: warm }),
      answerSubject({ ...source, settings: { ...warm, seed: 7 } }),
      answerSubject({ ...source, evaluator: { ...evaluator, device: 'cuda' } }),
      answerSubject({ ...source, evaluator: { ...evaluator, weights: 'F32' } }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('an error', () => {
  it.each([
    ['endpoint-unreachable', true],
    ['endpoint-busy', true],
    ['disk-full', true],
    ['model-too-large', true],
    ['recipe-invalid', false],
    ['not-finite', false],
    ['context-too-short', false],
  ] as const)('%s stands against all trials: %s', (code, all) => {
    expect(concernsAll(new PolarimeterError(code, 'x'))).toBe(all);
  });

  it('that is a bug ends the sweep', () => {
    expect(concernsAll(new TypeError('x'))).toBe(true);
  });
});
