/** The sentences of the gate: each with its number, its n, its interval and what it is compared with, and none that claims more than its test. */
import type { GateAnswer, SweepFile, TrialResult } from '../../contract/sweep.ts';
import { chosenFrom, THRESHOLD, type Candidate, type GateEvidence, type Loss } from './gateThreshold.ts';
import { accuracyWords, points, percent, pointsWords, pWords, recoveryWords } from './words.ts';

const tests = (n: number): string => `${String(n)} test${n === 1 ? '' : 's'}`;

const THRESHOLD_WORDS = '70 %';

const referenceLabel = ({ reference, donor }: SweepFile): string => (reference ?? donor).label;

const labelOf = (id: string | undefined, results: readonly TrialResult[]): string =>
  results.find(({ trial }) => trial.id === id)?.trial.label ?? 'its control';

export function unfinished(open: number, total: number): string[] {
  return total === 0
    ? ['Nothing has been evaluated yet.']
    : [`${String(open)} of ${String(total)} trials have no answers yet; the gate waits for them.`];
}

export const noOodProbe = (): string[] => [
  'There is no OOD probe that target and reference both answered, so nothing can be said about what was lost.',
];

export const noRepair = (): string[] => ['No repair has answers on that probe.'];

function scores({ target, reference }: Loss, file: SweepFile): string {
  return `On ${target.probe}, ${file.target.label} has ${accuracyWords(target.accuracy)} right and ${referenceLabel(file)} ${accuracyWords(reference.accuracy)}`;
}

export function lost(loss: Loss, file: SweepFile): string {
  const { versusTarget } = loss.reference;
  if (versusTarget === null) return scores(loss, file);
  return `${scores(loss, file)}: ${pointsWords(versusTarget)}, were lost (exact McNemar ${pWords(versusTarget.p)}).`;
}

/** Of one of so many probes, without a certain loss. */
export function notLost(loss: Loss, probes: number, file: SweepFile): string[] {
  const { versusTarget } = loss.reference;
  if (versusTarget === null) return [];
  const seen = `${scores(loss, file)}.`;
  if (versusTarget.difference <= 0)
    return [
      seen,
      `Nothing was lost there that a repair could bring back: the difference is ${pointsWords(versusTarget)}.`,
    ];
  return [
    seen,
    `Whether anything was lost is not certain at ${String(versusTarget.n)} problems: the difference is ${pointsWords(versusTarget)} (${pWords(versusTarget.p)}${probes > 1 ? ` before Holm's correction over ${String(probes)} OOD probes` : ''}); the smallest that could be seen is ${points(versusTarget.detectable)}.`,
  ];
}

const name = ({ result }: Candidate): string => `“${result.trial.label}”`;

/** "brings back 65.2 %, 95 % interval … (11.8 % right, …)" */
function brings({ probe }: Candidate): string {
  const right = `${accuracyWords(probe.accuracy)} right`;
  return probe.recovery === null
    ? `has ${right}`
    : `brings back ${recoveryWords(probe.recovery)}, and has ${right}`;
}

function controlWords({ probe: { versusControl } }: Candidate, { results }: GateEvidence): string {
  if (versusControl === null) return 'it has no control to be compared with';
  const { pAdjusted, p } = versusControl;
  return `against its best control, “${labelOf(versusControl.control, results)}”, it is ${pointsWords(versusControl)} (Holm-adjusted ${pWords(pAdjusted ?? p)})`;
}

export function winner(candidate: Candidate, evidence: GateEvidence): string[] {
  return [
    `Of the repairs that beat their best control after Holm's correction over ${tests(evidence.comparisons)}, the one that brings back most is ${name(candidate)}: it ${brings(candidate)}; ${controlWords(candidate, evidence)}.`,
  ];
}

function whyUncertain(recovery: Candidate['probe']['recovery'], repairs: number): string {
  const low = recovery?.interval?.[0];
  if (recovery === null || low === undefined) return 'there is no interval';
  const widened = chosenFrom(recovery, repairs);
  return low >= THRESHOLD && widened !== null
    ? `the best of ${String(repairs)} repairs is the best by luck too, and widened for that its interval begins at ${percent(widened)}`
    : 'its interval reaches from below to above that';
}

export function againstThreshold(
  verdict: GateAnswer['verdict'],
  { probe }: Candidate,
  repairs: number,
): string {
  const n = String(probe.accuracy.n);
  if (verdict === 'reconsider-rl')
    return `Its whole interval${repairs > 1 ? `, widened for the choice among ${String(repairs)} repairs,` : ''} is at or above the gate's ${THRESHOLD_WORDS}: try this repair before RL is run.`;
  if (verdict === 'below-threshold')
    return `Its whole interval is below the gate's ${THRESHOLD_WORDS}: such repairs do not replace RL here.`;
  return `Whether that is ${THRESHOLD_WORDS} or more is not certain at ${n} problems: ${whyUncertain(probe.recovery, repairs)}.`;
}

/** A repair that scores higher but not beyond its control. */
export function better(top: Candidate, chosen: Candidate, evidence: GateEvidence): string[] {
  if (top.result.trial.id === chosen.result.trial.id) return [];
  return [
    `${name(top)} scores higher but does not beat its control: it ${brings(top)}; ${controlWords(top, evidence)}.`,
  ];
}

export function directionsOnly(
  chosen: Candidate,
  turned: Candidate | undefined,
  evidence: GateEvidence,
): string[] {
  if (chosen.result.trial.id === turned?.result.trial.id) return [];
  if (turned === undefined)
    return ['It does more than turn directions; no repair that only turns them was tried.'];
  return [
    `It does more than turn directions. Of the repairs that only turn them, ${name(turned)} is the best: it ${brings(turned)}; ${controlWords(turned, evidence)}.`,
  ];
}

export function idCost({ result }: Candidate, { file }: GateEvidence): string[] {
  return result.probes
    .filter(({ kind, versusTarget }) => kind === 'id' && versusTarget !== null)
    .flatMap(({ probe, versusTarget }) => {
      if (versusTarget === null) return [];
      const change = `On ${probe} (ID) it changes accuracy by ${pointsWords(versusTarget)} (${pWords(versusTarget.p)}, not corrected)`;
      const may = file.repair?.mayCost;
      if (may === undefined) return [`${change}.`];
      const isMore = versusTarget.difference < -may;
      return [`${change}: ${isMore ? 'more' : 'no more'} than the ${points(may)} that it may cost.`];
    });
}

export function selection({ file, comparisons }: GateEvidence): string[] {
  if (file.repair !== null)
    return ['It was chosen on other problems than these: the numbers are of the held-out half.'];
  return comparisons > 1
    ? [
        'It was chosen among the repairs by the very answers that are reported here, so its share is likely to be somewhat too high; automatic repair (polarimeter repair) confirms on held-out problems.',
      ]
    : [];
}

export function noneBeats(
  top: Candidate,
  candidates: readonly Candidate[],
  evidence: GateEvidence,
): string[] {
  const withControl = candidates.filter(({ probe }) => probe.versusControl !== null);
  if (withControl.length === 0)
    return [
      `${name(top)} scores highest: it ${brings(top)}. No control was run, so that chance, the mere length of the step and the layers taken cannot be told apart from the repair.`,
    ];
  const versus = top.probe.versusControl;
  const smallest =
    versus === null
      ? ''
      : ` With ${String(versus.n)} problems the smallest difference that could be seen, before correction, is ${points(versus.detectable)}.`;
  return [
    `No repair beats its control: of ${String(withControl.length)} with one, none is better than its best control and than ${evidence.file.target.label} after Holm's correction over ${tests(evidence.comparisons)}.`,
    `The highest is ${name(top)}: it ${brings(top)}; ${controlWords(top, evidence)}.${smallest}`,
  ];
}
