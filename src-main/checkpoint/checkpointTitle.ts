import { basename, dirname } from 'node:path';

/** Folders of a trajectory, each with its number; trainers that count in epochs or iterations are taken at their word. */
const STEP_FOLDER = /^(?:checkpoint|global_step|step|epoch|iter)[-_]?(\d{1,15})$/;
/** Folders that trainers put between a step and its weights. */
const INNER_FOLDERS = new Set(['actor', 'huggingface', 'hf', 'hf_model', 'model', 'policy', 'weights']);
/** File names that say less than the folder around them. */
const USUAL_FILES =
  /^(?:(?:model|pytorch_model|consolidated|adapter_model)(?:[-_]\d{5,6}-of-\d{5,6})?\.(?:safetensors|bin)(?:\.index\.json)?|adapter_config\.json)$/;

/** The folder that a checkpoint path is about: its own, or that of a file with a usual name. */
function subjectOf(path: string): string {
  return USUAL_FILES.test(basename(path)) ? dirname(path) : path;
}

const segmentsOf = (path: string): string[] => path.split(/[/\\]/).filter((segment) => segment !== '');

/** Index of the folder with a number of its own that a path ends in, trainers' inner folders aside; else -1. */
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

/** `publisher/name` of a model of LM Studio, with what is below it; null elsewhere. */
function studioTitle(segments: readonly string[]): string | null {
  const at = segments.findLastIndex(
    (segment, i) => segment === 'models' && /^(?:\.lmstudio|lm-studio)$/.test(segments[i - 1] ?? ''),
  );
  return at >= 0 && segments.length > at + 2 ? segments.slice(at + 1).join('/') : null;
}

/** Short name of a checkpoint for people: `org/name@commit`, `run/checkpoint-240`, or the folder or file name. */
export function checkpointTitle(path: string): string {
  const segments = segmentsOf(subjectOf(path));
  const stored = cacheTitle(segments) ?? studioTitle(segments);
  if (stored !== null) return stored;
  const step = stepIndex(segments);
  if (step > 0) return segments.slice(step - 1).join('/');
  return segments.at(-1) ?? path;
}

/** Number in the name of the folder checkpoint-N, global_step_N, step_N, epoch_N or iter_N; null elsewhere. */
export function checkpointStep(path: string): number | null {
  const segments = segmentsOf(subjectOf(path));
  const digits = STEP_FOLDER.exec(segments[stepIndex(segments)] ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}
