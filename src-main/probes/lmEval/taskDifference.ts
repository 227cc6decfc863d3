import type { TaskResults } from './readResults.ts';
import type { Sample } from './readSamples.ts';

/** A task of one model with its samples of one filter. */
export interface TaskSamples {
  readonly results: TaskResults;
  readonly samples: readonly Sample[];
}

/** Why answers of two models to a task cannot be paired, in words; null when they can: the same problems in the same version, asked in the same words. */
export function taskDifference(first: TaskSamples, second: TaskSamples): string | null {
  const [a, b] = [first.results, second.results];
  if (a.version !== b.version) return `version ${a.version ?? 'unknown'} against ${b.version ?? 'unknown'}`;
  if (a.shots !== b.shots) return `${a.shots ?? 'unknown'} shots against ${b.shots ?? 'unknown'}`;
  const found = sampleDifference(first.samples, second.samples);
  if (found !== null) return found;
  return a.hash !== null && b.hash !== null && a.hash !== b.hash
    ? 'task_hashes differ: the same problems in another order, or hashed by another version of the harness'
    : null;
}

function sampleDifference(first: readonly Sample[], second: readonly Sample[]): string | null {
  const others = new Map(second.map((sample) => [sample.key, sample]));
  const shared = first.flatMap((sample) => {
    const other = others.get(sample.key);
    return other ? [{ sample, other }] : [];
  });
  if (shared.length < Math.max(first.length, second.length)) {
    return `${first.length} against ${second.length} problems, ${shared.length} of them the same`;
  }
  const differing = (field: 'prompt' | 'target'): number =>
    shared.filter(({ sample, other }) => sample[field] !== other[field]).length;
  for (const field of ['prompt', 'target'] as const) {
    const count = differing(field);
    if (count > 0) return `${count} of ${shared.length} ${field}s differ`;
  }
  return null;
}
