import { basename } from 'node:path';
import { must } from '../../base/assert.ts';
import { PolarimeterError } from '../../contract/errors.ts';
import type { LmEvalDocument, MetricComparison } from '../../contract/lmEval.ts';
import { holm } from '../statistics/holm.ts';
import { compareMetric } from './compareMetric.ts';
import { readResults, type ModelResults, type TaskResults } from './readResults.ts';
import { readSamples, type Sample } from './readSamples.ts';
import { taskDifference } from './taskDifference.ts';

/** A folder of results and what to call its model; null: after the folder. */
export interface ResultsChoice {
  readonly path: string;
  readonly label: string | null;
}

export interface ImportOptions {
  /** Only these tasks; null: all that every folder has. */
  readonly tasks: readonly string[] | null;
  readonly seed: number;
}

/**
 * Results of lm-evaluation-harness, every model against the first one, paired by `doc_hash`. Tasks that not all models have, and metrics
 * without a value per problem, are listed with the reason. fails results-invalid where a task is there but cannot be paired
 */
export function importResults(
  choices: readonly ResultsChoice[],
  { tasks, seed }: ImportOptions,
): LmEvalDocument {
  const models = choices.map(({ path }) => readResults(path));
  const skipped: LmEvalDocument['skipped'] = [];
  const comparisons: MetricComparison[] = [];
  for (const task of tasks ?? allTasks(models)) {
    const missing = models.flatMap((model, i) =>
      model.tasks.has(task) ? [] : [labelOf(choices, models, i)],
    );
    if (missing.length > 0) {
      skipped.push({
        task,
        metric: null,
        reason: `${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} no results of it`,
      });
      continue;
    }
    const paired = compareTask(
      models.map((model) => must(model.tasks.get(task), 'the task is there')),
      seed,
    );
    comparisons.push(...paired.comparisons);
    skipped.push(...paired.skipped);
  }
  if (comparisons.length === 0) {
    const [first] = skipped;
    const reason = first ? `; ${first.task}: ${first.reason}` : '';
    throw new PolarimeterError('results-invalid', `the folders share no task that can be paired${reason}`);
  }
  return {
    schema: 'polarimeter.lm-eval/1',
    models: models.map(({ path, date }, i) => ({ label: labelOf(choices, models, i), path, date })),
    comparisons: adjusted(comparisons),
    skipped,
  };
}

function labelOf(choices: readonly ResultsChoice[], models: readonly ModelResults[], index: number): string {
  return choices[index]?.label ?? basename(models[index]?.path ?? '');
}

function allTasks(models: readonly ModelResults[]): string[] {
  return [...new Set(models.flatMap(({ tasks }) => [...tasks.keys()]))].sort();
}

type TaskComparisons = Pick<LmEvalDocument, 'comparisons' | 'skipped'>;

function compareTask(results: readonly TaskResults[], seed: number): TaskComparisons {
  const [first] = results;
  const read = results.map(readTaskSamples);
  const done: TaskComparisons = { comparisons: [], skipped: [] };
  if (!first) return done;
  const { task } = first;
  for (const key of first.reported.keys()) {
    const [metric = '', filter = ''] = key.split(',');
    const samples = read.map((byFilter) => samplesOf(byFilter, filter));
    checkTask(results, samples);
    const columns = columnsOf(samples, metric);
    if (columns === null) {
      done.skipped.push({ task, metric, reason: 'has no value for every problem, only one for the task' });
      continue;
    }
    done.comparisons.push({
      task,
      metric,
      filter,
      version: first.version,
      shots: first.shots,
      higherIsBetter: first.higherIsBetter.get(metric) ?? null,
      n: columns[0]?.length ?? 0,
      ...compareMetric(columns, seed),
      note: aggregationNote(columns[0] ?? [], first.reported.get(key) ?? 0),
    });
  }
  return done;
}

function readTaskSamples({ task, samples }: TaskResults): Map<string, Sample[]> {
  if (samples === null) {
    const message = `${task}: there is no samples file; run lm_eval with --log_samples, or choose other tasks with --tasks`;
    throw new PolarimeterError('results-invalid', message, task);
  }
  return readSamples(samples);
}

/** Older harnesses do not say which filter a sample went through. */
function samplesOf(byFilter: ReadonlyMap<string, Sample[]>, filter: string): Sample[] {
  return byFilter.get(filter) ?? byFilter.get('') ?? [];
}

function checkTask(results: readonly TaskResults[], samples: readonly Sample[][]): void {
  const pairs = results.map((one, i) => ({ results: one, samples: samples[i] ?? [] }));
  const [first, ...others] = pairs;
  for (const other of others) {
    const difference = first && taskDifference(first, other);
    if (!difference) continue;
    const { task } = other.results;
    const message = `${task}: ${difference}; answers to different questions are not paired, choose other tasks with --tasks`;
    throw new PolarimeterError('results-invalid', message, task);
  }
}

/** Values of every model in the order of the first one's problems; null where a value is missing. */
function columnsOf(samples: readonly Sample[][], metric: string): number[][] | null {
  const order = samples[0]?.map(({ key }) => key) ?? [];
  const columns = samples.map((of) => {
    const byKey = new Map(of.map((sample) => [sample.key, sample.values.get(metric)]));
    return order.map((key) => byKey.get(key) ?? Number.NaN);
  });
  return order.length === 0 || columns.some((column) => column.some((value) => !Number.isFinite(value)))
    ? null
    : columns;
}

/** The harness prints double precision; its means and ours differ by rounding alone. */
const ROUNDING = 1e-6;

function aggregationNote(column: readonly number[], reported: number): string | null {
  const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
  return Math.abs(mean - reported) <= ROUNDING * Math.max(1, Math.abs(reported))
    ? null
    : 'the harness reports another number than the mean over problems, which is what is paired here';
}

function adjusted(comparisons: readonly MetricComparison[]): MetricComparison[] {
  const tests = comparisons.flatMap(({ paired }) => paired.flatMap(({ p }) => p ?? []));
  const corrected = holm(tests);
  let next = 0;
  return comparisons.map((comparison) => ({
    ...comparison,
    paired: comparison.paired.map((one) =>
      one.p === null ? one : { ...one, pAdjusted: must(corrected[next++], 'one per test') },
    ),
  }));
}
