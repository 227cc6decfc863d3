import { describe, expect, it } from 'vitest';
import { GenerationSettings } from '../../src-main/contract/evaluator.ts';
import { Outcome, Problem, ProbeRun } from '../../src-main/contract/probe.ts';
import { answerProbe } from '../../src-main/probes/answerProbe.ts';
import { problemsFingerprint, type Probe } from '../../src-main/probes/readProbe.ts';
import { summarise } from '../../src-main/probes/summarise.ts';
import { twinDrop } from '../../src-main/probes/twinDrop.ts';
import { fakeEvaluator } from './fakeEvaluator.ts';

const settings = GenerationSettings.parse({ batch: 4 });

function probeOf(lines: readonly object[]): Probe {
  const problems = lines.map((line) => Problem.parse(line));
  return { name: 'id', kind: 'id', problems, fingerprint: problemsFingerprint(problems) };
}

/** "what is 3" -> 3. */
const numbered = (count: number): Probe =>
  probeOf(
    Array.from({ length: count }, (_, i) => ({
      id: `p${i}`,
      prompt: `what is ${i}`,
      verifier: { kind: 'numeric', answer: i },
      strata: { parity: i % 2 === 0 ? 'even' : 'odd', size: i < 3 ? 'small' : 'large' },
    })),
  );
const echo = (prompt: string): string => prompt.replace('what is ', '');

describe('answerProbe', () => {
  it('answers every problem, in order, judged', async () => {
    const evaluator = fakeEvaluator((prompt) => (prompt.endsWith('5') ? 'six' : echo(prompt)));
    const outcomes = await answerProbe(evaluator, numbered(10), settings);
    expect(outcomes.map(({ problem }) => problem)).toEqual(numbered(10).problems.map(({ id }) => id));
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(
      Array.from({ length: 10 }, (_, i) => (i === 5 ? 'no-number' : 'correct')),
    );
    expect(evaluator.batches.map(({ length }) => length)).toEqual([4, 4, 2]);
    for (const outcome of outcomes) expect(Outcome.parse(outcome)).toEqual(outcome);
  });

  it('reports outcomes as they come, so that an interruption keeps them', async () => {
    const kept: string[] = [];
    const broken = fakeEvaluator((prompt) => (prompt.endsWith('6') ? undefined : echo(prompt)));
    const options = { onOutcome: ({ problem }: Outcome) => kept.push(problem) };
    await expect(answerProbe(broken, numbered(10), settings, options)).rejects.toMatchObject({
      code: 'inference-failed',
    });
    expect(kept).toEqual(['p0', 'p1', 'p2', 'p3', 'p4', 'p5']);
  });

  it('resumes with the same batches, asks nothing that is known alone, and keeps what was known', async () => {
    const probe = numbered(10);
    const first = await answerProbe(fakeEvaluator(echo), probe, settings);
    const known = new Map(first.filter((_, i) => i !== 5).map((outcome) => [outcome.problem, outcome]));
    known.set('p4', { ...first[4]!, verdict: 'kept', correct: false });
    const evaluator = fakeEvaluator(echo);
    const news: string[] = [];
    const outcomes = await answerProbe(evaluator, probe, settings, {
      known,
      onOutcome: ({ problem }) => news.push(problem),
    });
    expect(evaluator.batches).toEqual([['what is 4', 'what is 5', 'what is 6', 'what is 7']]);
    expect(news).toEqual(['p5']);
    expect(outcomes[4]!.verdict).toBe('kept');
    expect(outcomes.filter((_, i) => i !== 4)).toEqual(first.filter((_, i) => i !== 4));
    await answerProbe(evaluator, probe, settings, {
      known: new Map(outcomes.map((one) => [one.problem, one])),
    });
    expect(evaluator.batches).toHaveLength(1);
  });

  it('keeps the places of batches when only the last one is missing', async () => {
    const probe = numbered(10);
    const first = await answerProbe(fakeEvaluator(echo), probe, settings);
    const evaluator = fakeEvaluator(echo);
    const known = new Map(first.slice(2, 8).map((outcome) => [outcome.problem, outcome]));
    await answerProbe(evaluator, probe, settings, { known });
    expect(evaluator.batches.map((batch) => batch.map(echo).join())).toEqual(['0,1,2,3', '8,9']);
  });

  it('lets choices be scored, and leaves them out of batches', async () => {
    const choice = (id: string): object => ({
      id,
      prompt: `choose ${id}`,
      verifier: { kind: 'choice', choices: ['a', 'bb'], answer: 1 },
    });
    const probe = probeOf([choice('x'), ...numbered(5).problems, choice('y')]);
    const evaluator = fakeEvaluator(echo, (text) => (text === 'bb' ? -1 : -2));
    const outcomes = await answerProbe(evaluator, probe, settings);
    expect(outcomes.map(({ correct }) => correct)).toEqual(Array(7).fill(true));
    expect(outcomes[0]!.answer).toEqual({ text: 'bb', tokens: 0, ended: 'end' });
    expect(evaluator.scored).toEqual(['choose x', 'choose y']);
    expect(evaluator.batches.map(({ length }) => length)).toEqual([4, 1]);
    const again = fakeEvaluator(echo);
    const known = new Map(outcomes.map((outcome) => [outcome.problem, outcome]));
    await answerProbe(again, probe, settings, { known });
    expect([again.scored, again.batches]).toEqual([[], []]);
  });

  it('refuses probabilities that are not numbers, and stops when it is cancelled', async () => {
    const probe = probeOf([
      { id: 'x', prompt: '', verifier: { kind: 'choice', choices: ['a', 'b'], answer: 1 } },
    ]);
    const evaluator = fakeEvaluator(echo, () => Number.NaN);
    await expect(answerProbe(evaluator, probe, settings)).rejects.toMatchObject({ code: 'inference-failed' });
    const signal = AbortSignal.abort();
    await expect(answerProbe(fakeEvaluator(echo), probe, settings, { signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    await expect(answerProbe(fakeEvaluator(echo), numbered(2), settings, { signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('five tries', () => {
  const hand = (id: string): object => ({
    id,
    prompt: `hand ${id}:`,
    verifier: { kind: 'points', numbers: [6, 6, 6, 6], target: 24, grading: 'paper' },
  });

  it('ask again with what was said and what the environment says of it', async () => {
    const said = ['6+6+6', '6*6+6-6', '6+6+6+6'];
    const prompts: string[] = [];
    const evaluator = fakeEvaluator((prompt) => {
      prompts.push(prompt);
      return said[prompt.split('You failed').length - 1];
    });
    const [outcome] = await answerProbe(evaluator, probeOf([hand('a')]), settings, { tries: 5 });
    expect(outcome).toMatchObject({ correct: true, verdict: 'correct', tries: 3 });
    expect(prompts[2]).toBe(
      "hand a:6+6+6\nYou failed this trial because you didn't use numbers: [6].\n" +
        '6*6+6-6\nYou failed this trial because 6*6 is partially correct but the full formula does not match any solution.\n',
    );
  });

  it('end after the last one with its verdict', async () => {
    const evaluator = fakeEvaluator(() => 'no');
    const [outcome] = await answerProbe(evaluator, probeOf([hand('a')]), settings, { tries: 5 });
    expect(outcome).toMatchObject({ correct: false, verdict: 'not-a-formula', tries: 5 });
    expect(evaluator.batches).toHaveLength(5);
  });

  it('finish one batch before the next, so that what is asked together does not depend on other batches', async () => {
    const probe = probeOf(Array.from({ length: 6 }, (_, i) => hand(String(i))));
    const solveOdd = (prompt: string): string => (/hand [135]:/.test(prompt) ? '6+6+6+6' : 'no');
    const evaluator = fakeEvaluator(solveOdd);
    const outcomes = await answerProbe(evaluator, probe, settings, { tries: 2 });
    expect(evaluator.batches.map(({ length }) => length)).toEqual([4, 2, 2, 1]);
    expect(outcomes.map(({ tries }) => tries)).toEqual([2, 1, 2, 1, 2, 1]);
  });
});

describe('summarise', () => {
  it('counts as a whole, by stratum and by verdict', async () => {
    const probe = numbered(10);
    const outcomes = await answerProbe(
      fakeEvaluator((prompt) => (Number(echo(prompt)) < 3 ? echo(prompt) : '-1')),
      probe,
      settings,
    );
    const run = summarise(probe, outcomes, { seconds: 1.5, cached: 2 });
    expect(ProbeRun.parse(run)).toEqual(run);
    expect(run.accuracy).toMatchObject({ correct: 3, n: 10, value: 0.3 });
    expect(run.verdicts).toEqual({ correct: 3, 'wrong-value': 7 });
    expect(
      run.strata.map(({ stratum, value, accuracy }) => [stratum, value, accuracy.correct, accuracy.n]),
    ).toEqual([
      ['parity', 'even', 2, 5],
      ['parity', 'odd', 1, 5],
      ['size', 'small', 3, 3],
      ['size', 'large', 0, 7],
    ]);
  });
});

describe('twinDrop', () => {
  it('pairs every twin with its original', async () => {
    const line = (id: string, twin?: string): object => ({
      id,
      prompt: `what is ${id}`,
      verifier: { kind: 'exact', answer: id },
      ...(twin === undefined ? {} : { twin }),
    });
    const probe = probeOf([
      line('a'),
      line('a1', 'a'),
      line('a2', 'a'),
      line('b'),
      line('b1', 'b'),
      line('c'),
    ]);
    const wrong = new Set(['a2', 'b']);
    const outcomes = await answerProbe(
      fakeEvaluator((prompt) => (wrong.has(echo(prompt)) ? '' : echo(prompt))),
      probe,
      settings,
    );
    expect(twinDrop(probe, outcomes)).toMatchObject({ n: 3, lost: 1, gained: 1, difference: 0 });
    expect(twinDrop(numbered(3), [])).toBeNull();
  });
});
