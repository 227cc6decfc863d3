import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LmEvalDocument } from '../../src-main/contract/lmEval.ts';
import { importResults } from '../../src-main/probes/lmEval/importResults.ts';
import { comparePaired } from '../../src-main/probes/statistics/comparePaired.ts';
import { wilson } from '../../src-main/probes/statistics/wilson.ts';
import { caught } from '../fixtures/caught.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { writeLmEval, type FakeTask } from './lmEvalFolder.ts';

const root = tempFolder();
let runs = 0;

const DATE = '2026-11-20T10-00-00.000001';

/** One folder per model, each with its tasks. */
function foldersOf(...models: readonly (readonly FakeTask[])[]): string[] {
  runs++;
  return models.map((tasks, i) => {
    const folder = join(root, `run${runs}`, `model-${i}`);
    writeLmEval(folder, DATE, tasks);
    return folder;
  });
}

const compare = (folders: readonly string[], tasks: readonly string[] | null = null): LmEvalDocument =>
  importResults(
    folders.map((path) => ({ path, label: null })),
    { tasks, seed: 42 },
  );
const fault = (folders: readonly string[]): string => {
  const error = caught(() => compare(folders));
  expect(error.code).toBe('results-invalid');
  return error.message;
};

const base = Array.from({ length: 200 }, (_, i) => Number(i % 2 === 0));
const tuned = base.map((value, i) => (i % 5 === 0 ? 1 : value));

describe('importResults', () => {
  it('pairs by document, with the statistics of probes', () => {
    const folders = foldersOf(
      [{ task: 'arc_easy', shots: 5, metrics: { 'acc,none': base } }],
      [{ task: 'arc_easy', shots: 5, metrics: { 'acc,none': tuned.map(Boolean) } }],
    );
    const document = compare(folders);
    expect(LmEvalDocument.parse(document)).toEqual(document);
    expect(document.models.map(({ label, date }) => [label, date])).toEqual([
      ['model-0', DATE],
      ['model-1', DATE],
    ]);
    const [found] = document.comparisons;
    expect(found).toMatchObject({ task: 'arc_easy', metric: 'acc', filter: 'none', n: 200, note: null });
    expect(found).toMatchObject({ version: '1', shots: 5, higherIsBetter: true });
    expect(found!.values).toEqual([
      { mean: 0.5, interval: wilson(100, 200).interval },
      { mean: 0.6, interval: wilson(120, 200).interval },
    ]);
    const expected = comparePaired(base.map(Boolean), tuned.map(Boolean));
    expect(found!.paired).toEqual([
      {
        model: 1,
        gained: 20,
        lost: 0,
        difference: expect.closeTo(0.1, 12) as number,
        interval: expected.interval,
        p: expected.p,
        pAdjusted: expected.p,
        detectable: expected.detectable,
      },
    ]);
  });

  it('finds the documents in any order, and tells equal ones apart by how often they came', () => {
    const docs = ['same', 'other', 'same'];
    const first: FakeTask = { task: 't', metrics: { 'acc,none': [1, 0, 0] }, docs };
    const folders = foldersOf([first], [first]);
    // Another order has another task hash, and is refused with that reason.
    const reordered = foldersOf([first], [{ ...first, docs: ['same', 'same', 'other'] }]);
    expect(compare(folders).comparisons[0]!.paired[0]).toMatchObject({ gained: 0, lost: 0 });
    expect(fault(reordered)).toMatch(/t: task_hashes differ: the same problems in another order/);
  });

  it('keeps filters and metrics apart, and corrects over all tests', () => {
    const metrics = (values: readonly number[]): FakeTask => ({
      task: 'gsm8k',
      metrics: { 'exact_match,strict-match': base, 'exact_match,flexible-extract': values },
    });
    const { comparisons } = compare(foldersOf([metrics(base)], [metrics(tuned)]));
    expect(comparisons.map(({ filter, paired }) => [filter, paired[0]!.gained])).toEqual([
      ['strict-match', 0],
      ['flexible-extract', 20],
    ]);
    const [strict, flexible] = comparisons.map(({ paired }) => paired[0]!);
    expect(flexible!.pAdjusted).toBeCloseTo(2 * flexible!.p!, 15);
    expect(strict!.pAdjusted).toBe(1);
  });

  it('resamples values that are no shares, without a test', () => {
    const bleu = base.map((_, i) => (i % 7) / 3);
    const task = (values: readonly number[]): FakeTask => ({ task: 'wmt', metrics: { 'chrf,none': values } });
    const { comparisons } = compare(foldersOf([task(bleu)], [task(bleu.map((value) => value + 0.25))]));
    const [paired] = comparisons[0]!.paired;
    expect(paired).toMatchObject({ p: null, pAdjusted: null, detectable: null, gained: 200 });
    // Every difference is the same: its mean is certain.
    expect(paired!.difference).toBeCloseTo(0.25, 12);
    expect(paired!.interval[0]).toBeCloseTo(0.25, 12);
    const [low, high] = comparisons[0]!.values[0]!.interval;
    expect(low).toBeLessThan(comparisons[0]!.values[0]!.mean);
    expect(high).toBeGreaterThan(comparisons[0]!.values[0]!.mean);
  });

  it('says where the harness aggregates otherwise, and skips what has no value per problem', () => {
    const task: FakeTask = {
      task: 't',
      metrics: { 'f1,none': base, 'word_perplexity,none': base.map((value) => [value, 3]) },
      reported: { 'f1,none': 0.9 },
    };
    const { comparisons, skipped } = compare(foldersOf([task], [task]));
    expect(comparisons.map(({ metric, note }) => [metric, note !== null])).toEqual([['f1', true]]);
    expect(skipped).toEqual([
      {
        task: 't',
        metric: 'word_perplexity',
        reason: 'has no value for every problem, only one for the task',
      },
    ]);
  });

  it('lists tasks that not all have, takes chosen tasks, labels, and the folder of a model below', () => {
    const one: FakeTask = { task: 'one', metrics: { 'acc,none': base } };
    const two: FakeTask = { ...one, task: 'two' };
    const [first = '', second = ''] = foldersOf([one, two], [one]);
    const document = importResults(
      [
        { path: join(first, '..', 'model-0'), label: 'base' },
        { path: second, label: null },
      ],
      { tasks: null, seed: 42 },
    );
    expect(document.models[0]!.label).toBe('base');
    expect(document.skipped).toEqual([{ task: 'two', metric: null, reason: 'model-1 has no results of it' }]);
    expect(compare([first, first], ['two']).comparisons.map(({ task }) => task)).toEqual(['two']);
    writeLmEval(join(root, 'out', 'org__name'), DATE, [one]);
    expect(compare([join(root, 'out'), first], ['one']).models[0]!.label).toBe('org__name');
  });

  it('takes the newest run of a task', () => {
    const [folder = ''] = foldersOf([{ task: 't', metrics: { 'acc,none': base } }]);
    writeLmEval(folder, '2026-11-21T10-00-00.000001', [{ task: 't', metrics: { 'acc,none': tuned } }]);
    const document = compare([folder, folder]);
    expect([document.comparisons[0]!.values[0]!.mean, document.models[0]!.date]).toEqual([
      0.6,
      '2026-11-21T10-00-00.000001',
    ]);
  });

  it('reads results of harnesses that name no filter and hash no prompts', () => {
    const folders = foldersOf(
      ...[base, tuned].map((values) => [{ task: 't', metrics: { 'acc,none': values } }]),
    );
    for (const [i, folder] of folders.entries()) {
      const values = i === 0 ? base : tuned;
      const lines = values.map((acc, id) => JSON.stringify({ doc_id: id, doc_hash: `h${id}`, acc }));
      writeFileSync(join(folder, `samples_t_${DATE}.jsonl`), lines.join('\n'));
      writeFileSync(
        join(folder, `results_${DATE}.json`),
        JSON.stringify({ results: { t: { 'acc,none': 0.5, 'acc_stderr,none': 'N/A', alias: 't' } } }),
      );
    }
    expect(compare(folders).comparisons[0]).toMatchObject({ n: 200, version: null, shots: null });
  });
});

describe('results-invalid says what differs', () => {
  const task: FakeTask = { task: 't', metrics: { 'acc,none': base } };
  it.each([
    ['the version', { version: 2 }, /t: version 1 against 2; answers to different questions/],
    ['the shots', { shots: 5 }, /t: 0 shots against 5/],
    [
      'the number of problems',
      { metrics: { 'acc,none': base.slice(0, 50) } },
      /t: 200 against 50 problems, 50 of them the same/,
    ],
    [
      'prompts',
      { prompt: (doc: string) => (doc.endsWith('7') ? `Q: ${doc}` : doc) },
      /t: 20 of 200 prompts differ/,
    ],
    ['targets', { target: () => 'B' }, /t: 200 of 200 targets differ/],
    [
      'problems',
      { docs: base.map((_, i) => `other ${i}`) },
      /t: 200 against 200 problems, 0 of them the same/,
    ],
    [
      'samples that were not logged',
      { logSamples: false },
      /t: there is no samples file; run lm_eval with --log_samples/,
    ],
  ])('when it is %s', (_, other, message) => {
    expect(fault(foldersOf([task], [{ ...task, ...other }]))).toMatch(message);
  });

  it('and when there is nothing to compare', () => {
    const empty = join(root, 'empty');
    mkdirSync(empty);
    expect(fault([empty, empty])).toBe('empty: holds no results_*.json');
    const [first = '', second = ''] = foldersOf([task], [{ ...task, task: 'u' }]);
    expect(fault([first, second])).toMatch(
      /share no task that can be paired; t: model-1 has no results of it/,
    );
    expect(fault([join(first, '..'), first])).toMatch(
      /holds the results of 2 models: name one of model-0, model-1/,
    );
    expect(caught(() => compare([join(root, 'none')])).code).toBe('path-not-found');
  });

  it('and when a file is damaged', () => {
    const [folder = ''] = foldersOf([task]);
    writeFileSync(
      join(folder, `samples_t_${DATE}.jsonl`),
      '{"doc_id": 1, "doc_hash": "a", "acc": 1}\n{"doc_id": 2}\n',
    );
    expect(fault([folder, folder])).toMatch(/line 2: has no doc_id and doc_hash/);
    writeFileSync(join(folder, `samples_t_${DATE}.jsonl`), '{');
    expect(fault([folder, folder])).toMatch(/line 1: is no JSON/);
    writeFileSync(join(folder, `results_${DATE}.json`), '{"results": 3}');
    expect(fault([folder, folder])).toMatch(/is no results file of lm-evaluation-harness/);
    writeFileSync(join(folder, `results_${DATE}.json`), '{');
    expect(fault([folder, folder])).toMatch(/is no JSON/);
  });
});
