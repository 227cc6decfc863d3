import { must } from '../base/assert.ts';
import type { EvaluatorInfo, GenerationSettings } from '../contract/evaluator.ts';
import { holmed } from '../probes/statistics/holmed.ts';
import type { Outcome, Paired, ProbeDocument, ProbeRun } from '../contract/probe.ts';
import { formatCount } from '../contract/format.ts';
import { formatMillis } from '../contract/units.ts';
import { answerProbe } from '../probes/answerProbe.ts';
import type { Probe } from '../probes/readProbe.ts';
import { comparePaired } from '../probes/statistics/comparePaired.ts';
import { summarise } from '../probes/summarise.ts';
import { twinDrop } from '../probes/twinDrop.ts';
import type { KeptAnswers } from './KeptAnswers.ts';
import { printable } from './printable.ts';
import type { ProbedModel, ProbeModels } from './ProbeModels.ts';
import type { ProgressLine } from './ProgressLine.ts';

/** A model as the user named it. */
export interface NamedModel {
  /** Null: its title. */
  readonly label: string | null;
  /** For a server, its name there. */
  readonly path: string;
}

/** What every model is asked. */
export interface Questions {
  readonly probes: readonly Probe[];
  readonly settings: GenerationSettings;
  readonly tries: number;
  readonly signal: AbortSignal;
  readonly line: ProgressLine;
  /** Null: answers are not kept. */
  readonly kept: KeptAnswers | null;
}

/** A model with its answers, probe by probe. */
interface AskedModel {
  readonly label: string;
  readonly path: string;
  readonly fingerprint: string;
  readonly info: EvaluatorInfo;
  readonly answers: readonly { readonly run: ProbeRun; readonly outcomes: readonly Outcome[] }[];
}

export interface Asked {
  readonly document: ProbeDocument;
  /** Every answer, for a file. */
  readonly lines: readonly object[];
}

/** Asks models one after another and compares each with the first on the same problems; p-values are corrected over all comparisons. */
export async function askModels(
  named: readonly NamedModel[],
  models: ProbeModels,
  questions: Questions,
): Promise<Asked> {
  const asked: AskedModel[] = [];
  for (const { label, path } of named) {
    await using model = await models.load(path);
    const taken = asked.some((other) => other.label === model.title);
    asked.push(await askModel({ ...model, label: label ?? (taken ? path : model.title) }, questions));
  }
  const first = must(asked[0], 'a model was asked');
  const { seed } = questions.settings;
  const paired = asked.map((model) => (model === first ? [] : pairedWith(first, model, seed)));
  const corrected = holmed(paired.flat());
  let next = 0;
  const document: ProbeDocument = {
    schema: 'polarimeter.probe/1',
    evaluator: first.info,
    settings: questions.settings,
    models: asked.map(({ label, path, fingerprint, answers }, i) => ({
      label,
      path,
      fingerprint,
      probes: answers.map(({ run }) => run),
      paired: must(paired[i], 'one list per model').map(() => must(corrected[next++], 'one per comparison')),
      twins: questions.probes.flatMap((probe, at) => {
        const drop = twinDrop(probe, answers[at]?.outcomes ?? [], seed);
        return drop === null ? [] : { ...drop, probe: probe.name };
      }),
    })),
  };
  return { document, lines: asked.flatMap((model) => linesOf(model, questions.probes)) };
}

function pairedWith(first: AskedModel, other: AskedModel, seed: number): (Paired & { probe: string })[] {
  const right = (outcomes: readonly Outcome[]): boolean[] => outcomes.map(({ correct }) => correct);
  return other.answers.map(({ run, outcomes }, i) => ({
    ...comparePaired(right(first.answers[i]?.outcomes ?? []), right(outcomes), seed),
    probe: run.probe,
  }));
}

function linesOf({ label, answers }: AskedModel, probes: readonly Probe[]): object[] {
  return answers.flatMap(({ outcomes }, i) =>
    outcomes.map((outcome) => ({ model: label, probe: probes[i]?.name, ...outcome })),
  );
}

/** Under the label that tables give it. */
type LabelledModel = Omit<ProbedModel, 'title'> & { readonly label: string };

async function askModel(model: LabelledModel, questions: Questions): Promise<AskedModel> {
  const { label, path, fingerprint, evaluator } = model;
  const answers: AskedModel['answers'][number][] = [];
  for (const probe of questions.probes) answers.push(await askProbe(model, probe, questions));
  return { label, path, fingerprint, info: evaluator.info, answers };
}

async function askProbe(
  { label, fingerprint, evaluator }: LabelledModel,
  probe: Probe,
  { settings, tries, signal, line, kept }: Questions,
): Promise<AskedModel['answers'][number]> {
  const run = { model: fingerprint, probe, settings, evaluator: evaluator.info, tries };
  const { known, keep, flush } = kept?.open(run) ?? NOTHING_KEPT;
  const start = performance.now();
  let done = probe.problems.filter(({ id }) => known.has(id)).length;
  const cached = done;
  const onOutcome = (outcome: Outcome): void => {
    done++;
    keep(outcome);
    line.show(() =>
      progressWords(`${label} · ${probe.name}`, { done, cached, total: probe.problems.length }, start),
    );
  };
  try {
    const outcomes = await answerProbe(evaluator, probe, settings, { known, tries, signal, onOutcome });
    const seconds = (performance.now() - start) / 1000;
    return { run: summarise(probe, outcomes, { seconds, cached }), outcomes };
  } finally {
    flush();
    line.clear();
  }
}

const NOTHING_KEPT = {
  known: new Map<string, Outcome>(),
  keep: (): void => undefined,
  flush: (): void => undefined,
};

/** "sft · ood 320/600 · 53 % · 41 answers/s · 7 s left" */
function progressWords(
  subject: string,
  { done, cached, total }: { readonly done: number; readonly cached: number; readonly total: number },
  start: number,
): string {
  const millis = performance.now() - start;
  const rate = ((done - cached) / millis) * 1000;
  const left = (total - done) / rate;
  return [
    `${printable(subject)} ${formatCount(done)}/${formatCount(total)}`,
    `${Math.floor((100 * done) / total)} %`,
    `${rate >= 10 ? rate.toFixed(0) : rate.toPrecision(2)} answers/s`,
    `${formatMillis(left * 1000)} left`,
  ].join(' · ');
}
