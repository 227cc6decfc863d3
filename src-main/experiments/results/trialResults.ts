import type { SweepFile, Trial, TrialProbe, TrialResult } from '../../contract/sweep.ts';
import { holm } from '../../probes/statistics/holm.ts';
import { wilson } from '../../probes/statistics/wilson.ts';
import type { StoredTrial, SweepStore } from '../SweepStore.ts';
import {
  pairedAnswers,
  recoveredAnswers,
  verdictsOf,
  type Answered,
  type AnsweredTrials,
} from './AnsweredTrials.ts';

/** The ceiling, not a chance: no repair can be asked to beat it. */
const CEILING = 'full-roll-back';

const isControlOf = (control: Trial, repair: Trial): boolean =>
  control.kind === 'control' && control.family !== CEILING && control.controlOf.includes(repair.id);

const rightOf = ({ right }: Answered): number => right.filter(Boolean).length;

/** What trials are compared with. */
interface Compared {
  readonly trials: readonly StoredTrial[];
  readonly target: StoredTrial | undefined;
  readonly reference: StoredTrial | undefined;
  readonly answered: AnsweredTrials;
}

function versusControl(
  { trial }: StoredTrial,
  own: Answered,
  { trials, answered }: Compared,
): TrialProbe['versusControl'] {
  if (trial.kind !== 'repair') return null;
  const controls = trials
    .filter((other) => isControlOf(other.trial, trial))
    .flatMap((other) => {
      const answers = answered.same(other, own);
      return answers ? [{ id: other.trial.id, answers, right: rightOf(answers) }] : [];
    });
  const [first, ...others] = controls;
  if (!first) return null;
  const best = others.reduce((most, each) => (each.right > most.right ? each : most), first);
  return { ...pairedAnswers(best.answers, own), control: best.id };
}

function recoveryOf(stored: StoredTrial, own: Answered, compared: Compared): TrialProbe['recovery'] {
  const { target, reference, answered } = compared;
  if (!target || !reference || stored.trial.part === 'target') return null;
  const [before, wanted] = [answered.same(target, own), answered.same(reference, own)];
  if (!before || !wanted || rightOf(wanted) <= rightOf(before)) return null;
  return recoveredAnswers(before, own, wanted);
}

function trialProbe(stored: StoredTrial, own: Answered, compared: Compared): TrialProbe {
  const { target, answered } = compared;
  const before = target && stored.trial.part !== 'target' ? answered.same(target, own) : null;
  return {
    probe: own.part.probe,
    kind: own.part.kind,
    accuracy: wilson(rightOf(own), own.outcomes.length),
    versusTarget: before && pairedAnswers(before, own),
    versusControl: versusControl(stored, own, compared),
    recovery: recoveryOf(stored, own, compared),
    verdicts: verdictsOf(own),
  };
}

/** A test of a repair on an OOD probe. */
interface Tested {
  readonly result: TrialResult;
  readonly probe: TrialProbe;
}

/** Repairs on OOD probes; one that was dropped on the way was only a candidate and is no test. */
export const testedRepairs = (results: readonly TrialResult[]): Tested[] =>
  results
    .filter(({ trial, state }) => trial.kind === 'repair' && state === 'done')
    .flatMap((result) =>
      result.probes.filter(({ kind }) => kind === 'ood').map((probe) => ({ result, probe })),
    );

/**
 * Two questions are asked of every repair on every OOD probe: whether it differs from the target, and whether it differs from its best control.
 * The answers to each are corrected over all repairs and OOD probes.
 */
function corrected(results: readonly TrialResult[]): TrialResult[] {
  const tests = testedRepairs(results).map(({ probe }) => probe);
  const adjusted = (which: 'versusTarget' | 'versusControl'): Map<TrialProbe, number> => {
    const asked = tests.filter((probe) => probe[which] !== null);
    const p = holm(asked.map((probe) => probe[which]?.p ?? 1));
    return new Map(asked.map((probe, i) => [probe, p[i] ?? 1]));
  };
  const [target, control] = [adjusted('versusTarget'), adjusted('versusControl')];
  const probeOf = (probe: TrialProbe): TrialProbe => ({
    ...probe,
    versusTarget: probe.versusTarget && { ...probe.versusTarget, pAdjusted: target.get(probe) ?? null },
    versusControl: probe.versusControl && { ...probe.versusControl, pAdjusted: control.get(probe) ?? null },
  });
  return results.map((result) => ({ ...result, probes: result.probes.map(probeOf) }));
}

/** What is known of every trial, in the order of the plan, and how many tests of repairs the correction is over. */
export function trialResults(source: {
  readonly file: SweepFile;
  readonly store: Pick<SweepStore, 'trials'>;
  readonly answered: AnsweredTrials;
}): { results: TrialResult[]; comparisons: number } {
  source.answered.refresh();
  const trials = source.store.trials();
  const find = (part: Trial['part']): StoredTrial | undefined =>
    trials.find(({ trial }) => trial.part === part);
  const compared = {
    trials,
    target: find('target'),
    reference: find(source.file.reference === null ? 'donor' : 'reference'),
    answered: source.answered,
  };
  const results = trials.map((stored): TrialResult => ({
    trial: stored.trial,
    state: stored.state,
    reason: stored.reason,
    moved: stored.moved,
    probes: compared.answered.of(stored).map((own) => trialProbe(stored, own, compared)),
    cost: stored.cost,
  }));
  return { results: corrected(results), comparisons: testedRepairs(results).length };
}
