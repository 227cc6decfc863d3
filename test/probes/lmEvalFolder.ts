import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

export interface FakeTask {
  readonly task: string;
  /** Values of the metrics, by "metric,filter", one per document. */
  readonly metrics: Readonly<Record<string, readonly (number | boolean | readonly number[])[]>>;
  readonly version?: number;
  readonly shots?: number;
  /** Text of the documents; their number follows. */
  readonly docs?: readonly string[];
  readonly prompt?: (doc: string) => string;
  readonly target?: (doc: string) => string;
  /** What results_*.json reports, where it is not the mean. */
  readonly reported?: Readonly<Record<string, number>>;
  readonly logSamples?: boolean;
}

/** Writes a folder as `lm_eval --output_path … --log_samples` does (EvaluationTracker of lm-evaluation-harness 0.4). */
export function writeLmEval(folder: string, date: string, tasks: readonly FakeTask[]): void {
  mkdirSync(folder, { recursive: true });
  const results: Record<string, Record<string, unknown>> = {};
  const hashes: Record<string, string> = {};
  for (const one of tasks) {
    results[one.task] = { alias: one.task, ...reportedOf(one) };
    const lines = samplesOf(one);
    hashes[one.task] = hash(
      lines.map((line) => line.doc_hash + line.prompt_hash + line.target_hash).join(''),
    );
    if (one.logSamples === false) continue;
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    writeFileSync(join(folder, `samples_${one.task}_${date}.jsonl`), text);
  }
  const of = <T>(value: (task: FakeTask) => T): Record<string, T> =>
    Object.fromEntries(tasks.map((one) => [one.task, value(one)]));
  const document = {
    results,
    versions: of(({ version = 1 }) => version),
    'n-shot': of(({ shots = 0 }) => shots),
    higher_is_better: of(({ metrics }): Record<string, boolean> =>
      Object.fromEntries(Object.keys(metrics).map((key) => [key.split(',')[0] ?? '', true])),
    ),
    task_hashes: hashes,
    lm_eval_version: '0.4.9',
  };
  writeFileSync(join(folder, `results_${date}.json`), JSON.stringify(document));
}

function reportedOf({ metrics, reported = {} }: FakeTask): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([key, values]) => {
      const mean = values.reduce<number>((sum, value) => sum + Number(value), 0) / values.length;
      const [metric = '', filter = ''] = key.split(',');
      return [
        [key, reported[key] ?? (Number.isNaN(mean) ? 1 : mean)],
        [`${metric}_stderr,${filter}`, 0.01],
      ];
    }),
  );
}

type Line = Record<string, unknown> & { doc_hash: string; prompt_hash: string; target_hash: string };

function samplesOf({ metrics, docs, prompt = (doc) => doc, target = () => 'A' }: FakeTask): Line[] {
  const count = Object.values(metrics)[0]?.length ?? 0;
  const texts = docs ?? Array.from({ length: count }, (_, i) => `question ${i}`);
  const filters = [...new Set(Object.keys(metrics).map((key) => key.split(',')[1] ?? ''))];
  return filters.flatMap((filter) =>
    texts.map((doc, i): Line => {
      const values = Object.entries(metrics).flatMap(([key, column]) =>
        key.endsWith(`,${filter}`) ? [[key.split(',')[0] ?? '', column[i]] as const] : [],
      );
      return {
        doc_id: i,
        doc: { text: doc },
        target: target(doc),
        arguments: [[prompt(doc), ' A']],
        resps: [[['-1.0', 'False']]],
        filtered_resps: [['-1.0', 'False']],
        filter,
        metrics: values.map(([name]) => name),
        doc_hash: hash(doc),
        prompt_hash: hash(prompt(doc)),
        target_hash: hash(target(doc)),
        ...Object.fromEntries(values),
      };
    }),
  );
}
