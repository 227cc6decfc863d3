import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { accessing, fileError } from '../../checkpoint/fileErrors.ts';
import { readTextFile } from '../../checkpoint/readTextFile.ts';
import { PolarimeterError } from '../../contract/errors.ts';

const Named = <T extends z.ZodType>(value: T) => z.record(z.string(), value).catch({});

/** What is read of results_*.json; harnesses of other years have more and fewer fields. */
const ResultsFile = z.looseObject({
  results: z.record(z.string(), z.record(z.string(), z.unknown())),
  versions: Named(z.union([z.string(), z.number(), z.null()])),
  'n-shot': Named(z.union([z.number(), z.null()])),
  higher_is_better: Named(z.record(z.string(), z.union([z.boolean(), z.null()]))),
  task_hashes: Named(z.string()),
});

/** One task of one model. */
export interface TaskResults {
  readonly task: string;
  /** As the file name has it: results and samples of one run share it. */
  readonly date: string;
  readonly version: string | null;
  readonly shots: number | null;
  readonly hash: string | null;
  /** "metric,filter" to what the harness reports. */
  readonly reported: ReadonlyMap<string, number>;
  readonly higherIsBetter: ReadonlyMap<string, boolean>;
  /** Null where the run did not log samples. */
  readonly samples: string | null;
}

export interface ModelResults {
  readonly path: string;
  readonly date: string | null;
  readonly tasks: ReadonlyMap<string, TaskResults>;
}

const LARGEST_RESULTS = 64 * 1024 * 1024;
const RESULTS_NAME = /^results_(.+)\.json$/;

/**
 * Results of lm-evaluation-harness in a folder, or in the one folder below it that has any (`--output_path` makes one per model). Of a
 * task that was run several times the newest run counts. fails results-invalid
 */
export function readResults(path: string): ModelResults {
  const folder = resultsFolder(path);
  const names = accessing(folder, () => readdirSync(folder));
  const dates = names.flatMap((name) => RESULTS_NAME.exec(name)?.[1] ?? []).sort();
  const tasks = new Map<string, TaskResults>();
  for (const date of dates) {
    for (const task of readTasks(folder, date, new Set(names))) tasks.set(task.task, task);
  }
  return { path: folder, date: dates.at(-1) ?? null, tasks };
}

function resultsFolder(path: string): string {
  const entries = accessing(path, () => readdirSync(path, { withFileTypes: true }));
  if (entries.some(({ name }) => RESULTS_NAME.test(name))) return path;
  const below = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(path, name))
    .filter((folder) => accessing(folder, () => readdirSync(folder)).some((name) => RESULTS_NAME.test(name)));
  const [only] = below;
  if (only !== undefined && below.length === 1) return only;
  const what =
    below.length === 0
      ? 'holds no results_*.json'
      : `holds the results of ${below.length} models: name one of ${below.map((one) => basename(one)).join(', ')}`;
  throw new PolarimeterError('results-invalid', `${basename(path)}: ${what}`, path);
}

function readTasks(folder: string, date: string, names: ReadonlySet<string>): TaskResults[] {
  const file = join(folder, `results_${date}.json`);
  const read = ResultsFile.safeParse(parseJson(file));
  if (!read.success) throw fileError('results-invalid', file, 'is no results file of lm-evaluation-harness');
  const { results, versions, 'n-shot': shots, higher_is_better: better, task_hashes: hashes } = read.data;
  return Object.entries(results).flatMap(([task, metrics]) => {
    const samples = `samples_${task}_${date}.jsonl`;
    const version = versions[task];
    const reported = Object.entries(metrics).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number' && isMetric(entry[0]),
    );
    // Groups of tasks have no samples of their own.
    if (reported.length === 0) return [];
    return {
      task,
      date,
      version: version === undefined || version === null ? null : String(version),
      shots: shots[task] ?? null,
      hash: hashes[task] ?? null,
      reported: new Map(reported),
      higherIsBetter: new Map(
        Object.entries(better[task] ?? {}).flatMap(([metric, is]) => (is === null ? [] : [[metric, is]])),
      ),
      samples: names.has(samples) ? join(folder, samples) : null,
    };
  });
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readTextFile(file, LARGEST_RESULTS, 'results-invalid'));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw fileError('results-invalid', file, `is no JSON: ${error.message}`);
    throw error;
  }
}

/** "acc,none" and not "acc_stderr,none" or "alias". */
function isMetric(key: string): boolean {
  return key.includes(',') && !/_stderr,/.test(key);
}
