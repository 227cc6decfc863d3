/** A repair that is chosen among equal ones by luck is judged by problems that did not choose it. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { splitProblems } from '../../src-main/experiments/probeParts.ts';
import { Sweep } from '../../src-main/experiments/Sweep.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { fakeProblems, fakeServices, sweepOf } from './fakeServices.ts';

const home = tempFolder();

const PROBLEMS = 256;
const ROUNDS = 8;
const [TARGET, DONOR, REPAIRED] = [0.1, 0.7, 0.4];
/** Share of what was lost that every repair brings back. */
const TRUTH = (REPAIRED - TARGET) / (DONOR - TARGET);

/** From 0 to 1, by what is hashed alone. */
const chance = (text: string): number => createHash('sha256').update(text).digest().readUInt32LE() / 2 ** 32;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function accuracyOf(model: string): number {
  if (model.startsWith('recipe:')) return REPAIRED;
  return model === '/models/base' ? DONOR : TARGET;
}

/** The share that the winner of a search among equals seems to bring back, on the half that chose it and on the other. */
async function search(seed: number): Promise<{ chosen: number; confirmed: number }> {
  // Which problems each model gets right is drawn for it alone.
  const isRight = (model: string, problem: string): boolean =>
    chance(`${String(seed)} ${model} ${problem}`) < accuracyOf(model);
  const services = fakeServices({ skill: () => 0, isRight, problems: PROBLEMS });
  const file = sweepOf({
    probes: [{ name: 'ood', kind: 'ood', path: '/probes/ood.jsonl' }],
    repair: { evaluations: 12 },
    settings: { batch: 64 },
    seed,
  });
  using sweep = Sweep.create(join(home, String(seed)), file, services);
  await sweep.run(services);
  const { gate, results } = sweep.document();
  const winner = results.find(({ trial }) => trial.id === gate.trial)?.trial.recipe;
  const { selection } = splitProblems(fakeProblems('ood', PROBLEMS), 0.5, seed);
  const shareOf = (model: string): number => mean(selection.map(({ id }) => Number(isRight(model, id))));
  const before = shareOf('/models/sft');
  return {
    chosen: (shareOf(`recipe:${JSON.stringify(winner)}`) - before) / (shareOf('/models/base') - before),
    confirmed: gate.recovery?.value ?? Number.NaN,
  };
}

it('the share of a lucky repair is too high where it was chosen and right where it was confirmed', async () => {
  const found = [];
  for (let seed = 0; seed < ROUNDS; seed++) found.push(await search(seed));
  // Standard error: 0.08 for one half of 128 problems, 0.03 for the mean of 8.
  expect(Math.abs(mean(found.map(({ confirmed }) => confirmed)) - TRUTH)).toBeLessThan(0.08);
  expect(mean(found.map(({ chosen }) => chosen))).toBeGreaterThan(TRUTH + 0.06);
});
