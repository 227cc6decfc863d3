import type { Recovery } from '../../contract/probe.ts';
import type { GateAnswer, TrialResult } from '../../contract/sweep.ts';
import { holm } from '../../probes/statistics/holm.ts';
import { chosenFrom, THRESHOLD, type Candidate, type GateEvidence, type Loss } from './gateThreshold.ts';
import * as say from './gateSentences.ts';
import { testedRepairs } from './trialResults.ts';

const ALPHA = 0.05;

const answer = (more: Partial<GateAnswer> & Pick<GateAnswer, 'verdict' | 'sentences'>): GateAnswer => ({
  trial: null,
  probe: null,
  recovery: null,
  threshold: THRESHOLD,
  ...more,
});

const UNFINISHED: ReadonlySet<TrialResult['state']> = new Set(['waiting', 'making', 'answering']);

function lossesOf({ file, results }: GateEvidence): Loss[] {
  const find = (part: string): TrialResult | undefined => results.find(({ trial }) => trial.part === part);
  const target = find('target');
  const reference = find(file.reference === null ? 'donor' : 'reference');
  return (target?.probes ?? []).flatMap((before) => {
    const after = reference?.probes.find(({ probe }) => probe === before.probe);
    return before.kind === 'ood' && after?.versusTarget ? [{ target: before, reference: after }] : [];
  });
}

/** Losses that remain after Holm's correction over the OOD probes: of many probes without a loss, chance alone shows one on some. */
function certainLosses(losses: readonly Loss[]): Loss[] {
  const adjusted = holm(losses.map(({ reference: { versusTarget } }) => versusTarget?.p ?? 1));
  return losses.filter(
    ({ reference: { versusTarget } }, i) =>
      (versusTarget?.difference ?? 0) > 0 && (adjusted[i] ?? 1) <= ALPHA,
  );
}

const beats = ({ probe: { versusControl, versusTarget } }: Candidate): boolean =>
  [versusControl, versusTarget].every(
    (test) => test !== null && test.difference > 0 && (test.pAdjusted ?? 1) <= ALPHA,
  );

const valueOf = ({ probe }: Candidate): number => probe.recovery?.value ?? -Infinity;

const best = (candidates: readonly Candidate[]): Candidate | undefined =>
  candidates.reduce<Candidate | undefined>(
    (most, each) => (most === undefined || valueOf(each) > valueOf(most) ? each : most),
    undefined,
  );

function verdictOf(recovery: Recovery, repairs: number): GateAnswer['verdict'] {
  const { interval } = recovery;
  if (interval === null) return 'not-certain';
  if ((chosenFrom(recovery, repairs) ?? 0) >= THRESHOLD) return 'reconsider-rl';
  return interval[1] < THRESHOLD ? 'below-threshold' : 'not-certain';
}

/** Probes on which nothing is lost for certain: the loss that is nearest to being seen says how far that goes. */
function withoutLoss(losses: readonly Loss[], evidence: GateEvidence): GateAnswer {
  const sentences = losses.flatMap((loss) => say.notLost(loss, losses.length, evidence.file));
  const seen = losses.some(({ reference: { versusTarget } }) => (versusTarget?.difference ?? 0) > 0);
  return answer({
    probe: losses[0]?.target.probe ?? null,
    verdict: seen ? 'not-certain' : 'nothing-lost',
    sentences,
  });
}

const largest = (losses: readonly Loss[]): Loss | undefined =>
  [...losses].sort(
    (a, b) => (b.reference.versusTarget?.difference ?? 0) - (a.reference.versusTarget?.difference ?? 0),
  )[0];

/**
 * Whether cheap repairs bring back so much of what was lost that RL should be reconsidered: the directional QA gate of arXiv 2508.16546, with
 * what it lacks: a control for every repair, a test, and an interval. Asked of the OOD probe on which most was lost.
 */
export function gateAnswer(evidence: GateEvidence): GateAnswer {
  const { results } = evidence;
  const open = results.filter(({ state }) => UNFINISHED.has(state)).length;
  if (open > 0 || results.length === 0)
    return answer({ verdict: 'open', sentences: say.unfinished(open, results.length) });
  const losses = lossesOf(evidence);
  if (losses.length === 0) return answer({ verdict: 'open', sentences: say.noOodProbe() });
  const loss = largest(certainLosses(losses));
  return loss === undefined ? withoutLoss(losses, evidence) : withLoss(loss, evidence);
}

function withLoss(loss: Loss, evidence: GateEvidence): GateAnswer {
  const { probe } = loss.target;
  const candidates = testedRepairs(evidence.results).filter((each) => each.probe.probe === probe);
  const lost = say.lost(loss, evidence.file);
  const top = best(candidates);
  if (top === undefined) return answer({ probe, verdict: 'open', sentences: [lost, ...say.noRepair()] });
  const winner = best(candidates.filter(beats));
  if (winner === undefined) {
    return answer({
      probe,
      trial: top.result.trial.id,
      recovery: top.probe.recovery,
      verdict: 'no-repair-beats-control',
      sentences: [lost, ...say.noneBeats(top, candidates, evidence)],
    });
  }
  const { recovery } = winner.probe;
  const verdict = recovery === null ? 'not-certain' : verdictOf(recovery, candidates.length);
  return answer({
    probe,
    trial: winner.result.trial.id,
    recovery,
    verdict,
    sentences: [
      lost,
      ...say.winner(winner, evidence),
      say.againstThreshold(verdict, winner, candidates.length),
      ...say.better(top, winner, evidence),
      ...say.directionsOnly(winner, best(candidates.filter(isOfDirections)), evidence),
      ...say.idCost(winner, evidence),
      ...say.selection(evidence),
    ],
  });
}

/** Directions of the donor with the target's values: what the published gate asks about. */
export const isOfDirections = ({ result: { trial } }: Candidate): boolean =>
  trial.family === 'restore' && trial.parameters['what'] === 'directions';
