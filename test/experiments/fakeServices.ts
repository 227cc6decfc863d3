/** Services of a sweep without models: how many problems a recipe gets right is planted by the test. */
import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Checkpoint } from '../../src-main/contract/checkpoint.ts';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import type { EvaluatorInfo } from '../../src-main/contract/evaluator.ts';
import { Problem, type Outcome } from '../../src-main/contract/probe.ts';
import type { Recipe } from '../../src-main/contract/recipe.ts';
import { SweepFile } from '../../src-main/contract/sweep.ts';
import type { SweepServices } from '../../src-main/experiments/SweepServices.ts';
import type { Evaluator } from '../../src-main/inference/Evaluator.ts';
import { describedModel } from '../fixtures/sweepModels.ts';

/** How many problems of a probe are right: the first so many of a fixed order. */
export type Skill = (model: { path: string; recipe: Recipe | null }, probe: string) => number;

export interface FakeOptions {
  readonly skill: Skill;
  /** Instead of a skill: problem by problem. */
  readonly isRight?: (model: string, problem: string) => boolean;
  readonly problems?: number;
  /** Before each batch of 16. */
  readonly batchMillis?: number;
  readonly device?: string;
  /** Called with every answer that is asked for. */
  readonly onAsk?: (model: string, problem: string) => void;
  readonly onMake?: (recipe: Recipe) => void;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

const PREFIX = 'recipe:';

const recipeAt = (path: string): Recipe | null =>
  path.startsWith(PREFIX) ? (JSON.parse(path.slice(PREFIX.length)) as Recipe) : null;

/** Names do not change what a recipe makes. */
const fingerprintOf = (path: string): string => {
  const recipe = recipeAt(path);
  return hash(recipe ? JSON.stringify([recipe.edits, recipe.seed, recipe.inputs]) : path);
};

/** The place of a problem in an order that has nothing to do with the one in which problems are asked. */
function places(problems: readonly Problem[]): Map<string, number> {
  const order = [...problems].sort((a, b) => (hash(a.id) < hash(b.id) ? -1 : 1));
  return new Map(order.map(({ id }, place) => [id, place]));
}

export function fakeProblems(probe: string, count: number): Problem[] {
  return Array.from({ length: count }, (_, i) =>
    Problem.parse({
      id: `${probe}-${String(i)}`,
      prompt: `${String(i)}=`,
      verifier: { kind: 'exact', answer: 'yes' },
      strata: { half: i % 2 === 0 ? 'even' : 'odd' },
    }),
  );
}

const unasked = (): Promise<never> => Promise.reject(new Error('not asked directly'));

/** Which model an evaluator stands for. */
const pathOf = new WeakMap<Evaluator, string>();

function fakeEvaluator(path: string, device: string): Evaluator {
  const info: EvaluatorInfo = {
    kind: 'embedded',
    engine: 'planted',
    device,
    threads: 1,
    weights: 'BF16',
    contextTokens: 64,
  };
  const evaluator: Evaluator = {
    info,
    answer: unasked,
    score: unasked,
    distributions: unasked,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  pathOf.set(evaluator, path);
  return evaluator;
}

export function fakeServices(options: FakeOptions): SweepServices {
  const { skill, problems: count = 200, batchMillis = 0, device = 'cpu' } = options;
  const recipeModel = (recipe: Recipe): Checkpoint => ({
    ...describedModel('/models/sft'),
    path: PREFIX + JSON.stringify(recipe),
    recipe: { target: '/models/sft', edits: recipe.edits.length, made: ['x'], taken: [] },
  });
  return {
    openModel: (path) => describedModel(path),
    openRecipe: (recipe) => recipeModel(recipe),
    readRecipe: (path) => {
      throw new PolarimeterError('recipe-invalid', 'no such recipe', path);
    },
    confoundsOf: () => [],
    makeTensors: ({ path }) => {
      const recipe = recipeAt(path);
      if (recipe) options.onMake?.(recipe);
      return Promise.resolve([
        { tensor: 'x', edits: [1], taken: false, bytes: 100, moved: 1, rounding: 0, productError: null },
      ]);
    },
    modelFingerprint: ({ path }) => Promise.resolve(fingerprintOf(path)),
    tidy: () => undefined,
    distance: (_from, { path }) => Promise.resolve({ norm: path === '/models/base' ? 4 : 1, tensors: 3 }),
    drift: () =>
      Promise.resolve(
        [0, 1, 2, 3, 4, 5].flatMap((layer) =>
          ['q_proj', 'v_proj', 'up_proj', 'down_proj'].map((module) => ({
            layer,
            module,
            moved: layer === 3 ? 9 : 1,
            size: 100,
          })),
        ),
      ),
    readProbe: ({ name, kind }) => {
      const problems = fakeProblems(name, count);
      return { name, kind, problems, fingerprint: hash(name + String(count)) };
    },
    openBench: () =>
      Promise.resolve({
        load: ({ path }) =>
          Promise.resolve({
            evaluator: fakeEvaluator(path, device),
            patched: { tensors: 1, bytes: 50, seconds: 0 },
            [Symbol.asyncDispose]: () => Promise.resolve(),
          }),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
    openEndpoint: ({ model }) => fakeEvaluator(model, device),
    answerProbe: async (evaluator, probe, { settings, known, signal, onOutcome }) => {
      const path = pathOf.get(evaluator) ?? '';
      const right = skill({ path, recipe: recipeAt(path) }, probe.name);
      const place = places(fakeProblems(probe.name, count));
      const outcomes: Outcome[] = [];
      for (const [i, { id }] of probe.problems.entries()) {
        if (i % settings.batch === 0) {
          await setTimeout(batchMillis);
          if (signal.aborted) throw new PolarimeterError('cancelled', 'cancelled');
        }
        const correct = options.isRight?.(path, id) ?? (place.get(id) ?? count) < right;
        const answer = { text: correct ? 'yes' : 'no', tokens: 1, ended: 'end' as const };
        const outcome = known.get(id) ?? {
          problem: id,
          correct,
          verdict: correct ? 'correct' : 'no-match',
          answer,
        };
        outcomes.push(outcome);
        if (known.has(id)) continue;
        options.onAsk?.(fingerprintOf(path), id);
        onOutcome(outcome);
      }
      return outcomes;
    },
    anonymousBytes: () => 1,
  };
}

export const sweepOf = (more: object): SweepFile =>
  SweepFile.parse({
    schema: 'polarimeter.sweep/1',
    name: 'planted',
    target: { label: 'sft', path: '/models/sft' },
    donor: { label: 'base', path: '/models/base' },
    probes: [
      { name: 'id', kind: 'id', path: '/probes/id.jsonl' },
      { name: 'ood', kind: 'ood', path: '/probes/ood.jsonl' },
    ],
    ...more,
  });

/** The first edit of a recipe, in short: "restore top 4", "take 0-1", "matched-step random restore". */
export function doing(recipe: Recipe): string {
  const [edit] = recipe.edits;
  if (edit?.edit === 'restore') return `restore ${String(edit.top)}`;
  if (edit?.edit === 'take')
    return edit.tensors ? `take ${edit.tensors.layers?.join() ?? 'some'}` : 'take everything';
  if (edit?.edit === 'interpolate') return `interpolate ${String(edit.amount)}`;
  if (edit?.edit !== 'matched-step') return edit?.edit ?? '';
  return `${edit.direction === 'random' ? 'random' : 'straight'} as ${doing({ ...recipe, edits: [...edit.like] })}`;
}
