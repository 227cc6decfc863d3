/** Results and gate of a sweep whose answers are planted: nothing is asked and nothing stored. */
import type { EvaluatorInfo, GenerationSettings } from '../../src-main/contract/evaluator.ts';
import type { Outcome } from '../../src-main/contract/probe.ts';
import { Trial, type GateAnswer, type SweepFile, type TrialResult } from '../../src-main/contract/sweep.ts';
import { answerSubject } from '../../src-main/experiments/answerSubject.ts';
import { AnsweredTrials } from '../../src-main/experiments/results/AnsweredTrials.ts';
import { gateAnswer } from '../../src-main/experiments/results/gateAnswer.ts';
import { trialResults } from '../../src-main/experiments/results/trialResults.ts';
import type { ProbePart, StoredTrial } from '../../src-main/experiments/SweepStore.ts';
import { sweepOf } from './fakeServices.ts';

/** Who answered: "target", "donor", "repair 1", "control 1 of repair 1"; right answers by probe. */
export interface PlantedTrial {
  readonly name: string;
  readonly of?: string;
  readonly right: readonly (readonly boolean[])[];
}

const INFO: EvaluatorInfo = {
  kind: 'embedded',
  engine: 'planted',
  device: 'cpu',
  threads: 1,
  weights: 'BF16',
  contextTokens: 64,
};

function storedTrial({ name, of }: PlantedTrial): StoredTrial {
  const isModel = name === 'target' || name === 'donor';
  const repairOrControl = of === undefined ? 'repair' : 'control';
  const trial = Trial.parse({
    id: name,
    label: name,
    kind: isModel ? 'model' : repairOrControl,
    part: isModel ? name : null,
    controlOf: of === undefined ? [] : [of],
    family: of === undefined ? 'restore' : 'random-step',
    parameters: {},
    recipe: null,
    confounds: [],
  });
  const scope = { part: 'all', share: 1 } as const;
  return { trial, state: 'done', reason: null, scope, fingerprint: name, moved: null, cost: null };
}

function outcomesOf(right: readonly boolean[], problems: readonly string[]): Map<string, Outcome> {
  const answer = { text: '', tokens: 1, ended: 'end' as const };
  return new Map(
    problems.map((problem, i) => {
      const correct = right[i] === true;
      return [problem, { problem, correct, verdict: correct ? 'correct' : 'no-match', answer }];
    }),
  );
}

const partsOf = (planted: readonly PlantedTrial[]): ProbePart[] =>
  (planted[0]?.right ?? []).map((right, i) => ({
    scope: 'all',
    probe: `ood-${String(i)}`,
    kind: 'ood',
    fingerprint: `probe-${String(i)}`,
    problems: right.map((_, problem) => String(problem)),
  }));

/** Everything that a document takes from the answers, again at every call as a page would ask for it. */
export function plantedSweep(
  planted: readonly PlantedTrial[],
): () => { results: TrialResult[]; comparisons: number; gate: GateAnswer } {
  const parts = partsOf(planted);
  const file: SweepFile = sweepOf({ settings: { batch: 1 } });
  const settings: GenerationSettings = file.settings;
  const stored = planted.map(storedTrial);
  const outcomes = new Map(
    planted.flatMap(({ name, right }) =>
      parts.map(({ fingerprint: probe, problems }, i) => [
        answerSubject({ model: name, probe, settings, evaluator: INFO }),
        outcomesOf(right[i] ?? [], problems),
      ]),
    ),
  );
  const store = {
    basis: { target: 'target', donor: 'donor', reference: null, parts },
    evaluator: INFO,
    trials: () => stored,
  };
  const answers = { outcomes: (subject: string) => outcomes.get(subject) ?? new Map<string, Outcome>() };
  const answered = new AnsweredTrials({ file, store, answers });
  return () => {
    const { results, comparisons } = trialResults({ file, store, answered });
    return { results, comparisons, gate: gateAnswer({ file, results, comparisons }) };
  };
}
