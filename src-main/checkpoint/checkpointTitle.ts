import { basename, dirname } from 'node:path';

const STEP_FOLDER = /^(?:checkpoint|global_step)[-_](\d{1,15})$/;
/** Folders that trainers put between a step and its weights. */
const INNER_FOLDERS = new Set(['actor', 'huggingface', 'hf', 'hf_model', 'model', 'policy', 'weights']);
/** File names that say less than the folder around them. */
const USUAL_FILES =
  /^(?:model|pytorch_model|consolidated)(?:[-_]\d{5,6}-of-\d{5,6})?\.safetensors(?:\.index\.json)?$/;

/** The folder that a checkpoint path is about: its own, or that of a file with a usual name. */
function subjectOf(path: string): string {
  return USUAL_FILES.test(basename(path)) ? dirname(path) : path;
}

const segmentsOf = (path: string): string[] => path.split(/[/\\]/).filter((segment) => segment !== '');

/** Index of the checkpoint-N or global_step_N folder that a path ends in, trainers' inner folders aside; else -1. */
function stepIndex(segments: readonly string[]): number {
  let at = segments.length - 1;
  while (at > 0 && INNER_FOLDERS.has(segments[at] ?? '')) at--;
  return STEP_FOLDER.test(segments[at] ?? '') ? at : -1;
}

/** `org/name@abcdef1` of a snapshot in a Hugging Face cache, with the folder below it if any; null elsewhere. */
function cacheTitle(segments: readonly string[]): string | null {
  const at = segments.findLastIndex(
    (segment, i) => segment === 'snapshots' && i > 0 && i < segments.length - 1,
  );
  const repository = segments[at - 1] ?? '';
  if (at < 1 || !repository.startsWith('models--')) return null;
  const name = repository.slice('models--'.length).split('--').join('/');
  const commit = (segments[at + 1] ?? '').slice(0, 7);
  return [`${name}@${commit}`, ...segments.slice(at + 2)].join('/');
}

/** Short name of a checkpoint for people: `org/name@commit`, `run/checkpoint-240`, or the folder or file name. */
export function checkpointTitle(path: string): string {
  const segments = segmentsOf(subjectOf(path));
  const cached = cacheTitle(segments);
  if (cached !== null) return cached;
  const step = stepIndex(segments);
  if (step > 0) return segments.slice(step - 1).join('/');
  return segments.at(-1) ?? path;
}

/** Training step in the name of the folder checkpoint-N or global_step_N; null elsewhere. */
export function checkpointStep(path: string): number | null {
  const segments = segmentsOf(subjectOf(path));
  const digits = STEP_FOLDER.exec(segments[stepIndex(segments)] ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}
