import { existsSync } from 'node:fs';
import { must } from '../base/assert.ts';
import { ALIGNMENT_REASONS, type Alignment } from '../contract/alignment.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { placeOf } from '../contract/placeOf.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import { isMadeFile } from '../tensors/madeFile.ts';
import { sameIdentity, type FileStates } from '../tensors/fileIdentity.ts';
import { tensorSource, type TensorSource } from '../tensors/tensorSource.ts';
import { filesBehind, findItem, type Comparison, type TensorItem } from './plan.ts';

/** One tensor in some variants beside what they came from, ready for the native core. */
export interface PairSources {
  readonly tensor: string;
  /** The tensor as a matrix. */
  readonly rows: number;
  readonly cols: number;
  /** Labels of the variants, and of the one checkpoint that all of them came from. */
  readonly labels: readonly string[];
  readonly from: string;
  readonly reference: TensorSource;
  readonly variants: readonly TensorSource[];
  /** Text that is the same only for the same weights in the same state of their files. */
  readonly content: string;
  /** State of every file behind them when the study was opened; null for one that was not there. */
  readonly files: FileStates;
}

/** What a study knows of its tensors and files. */
export interface OpenedTensors {
  readonly items: readonly TensorItem[];
  readonly alignments: ReadonlyMap<string, Alignment>;
  readonly files: FileStates;
}

/** Why a tensor is not compared in one variant. */
function refusal(tensor: string, label: string, { items, alignments }: OpenedTensors): PolarimeterError {
  const refuse = (why: string, where: string) => new PolarimeterError('usage', why, where);
  const alignment = alignments.get(label);
  if (!alignment) return refuse(`this study has no such variant: "${label}"`, 'variant');
  const aligned = alignment.tensors.find((candidate) => candidate.tensor === tensor);
  if (aligned?.reason) {
    const { reason, detail } = aligned;
    const more = detail === null ? '' : ` (${detail})`;
    return refuse(`"${tensor}" is not compared in "${label}": ${ALIGNMENT_REASONS[reason]}${more}`, 'tensor');
  }
  findItem(items, tensor);
  return refuse(`"${tensor}" is not in "${label}"`, 'tensor');
}

function contentText(comparisons: readonly Comparison[], files: PairSources['files']): string {
  const places = comparisons.flatMap(({ reference, tensor }) => [placeOf(reference), placeOf(tensor)]);
  const states = [...files].map(([path, state]) => [
    path,
    state && [state.dev, state.ino, state.size, state.mtimeNs].map(String),
  ]);
  return JSON.stringify([places, states]);
}

/**
 * Fails with `usage` for a tensor that is not compared in one of the variants, with the reason, and for variants that were not made
 * from the same checkpoint.
 */
export function pairSources(tensor: string, labels: readonly string[], opened: OpenedTensors): PairSources {
  const item = opened.items.find((candidate) => candidate.tensor === tensor);
  const comparisons = labels.map((label) => {
    const comparison = item?.comparisons.find(({ variant }) => variant === label);
    if (!comparison) throw refusal(tensor, label, opened);
    return comparison;
  });
  const { from, reference } = must(comparisons[0], tensor);
  const stranger = comparisons.find((comparison) => comparison.from !== from);
  if (stranger) {
    throw new PolarimeterError(
      'usage',
      `"${String(labels[0])}" is compared with "${from}", "${stranger.variant}" with "${stranger.from}"`,
      'variant',
    );
  }
  const files = new Map(
    comparisons.flatMap(filesBehind).map((path) => [path, opened.files.get(path) ?? null] as const),
  );
  const { rows, cols } = must(item, tensor);
  return {
    tensor,
    rows,
    cols,
    labels,
    from,
    reference: tensorSource(reference),
    variants: comparisons.map((comparison) => tensorSource(comparison.tensor)),
    content: contentText(comparisons, files),
    files,
  };
}

/** Fails with `recipe-not-made` for the file of a tensor that is not computed, or was removed to make room. */
function checkMade(path: string): void {
  if (existsSync(path)) return;
  throw new PolarimeterError('recipe-not-made', 'this tensor of a recipe is not in the work folder', path);
}

/**
 * Holds every file behind some sources in the state in which the study read its header.
 * Fails with `file-changed`, `path-not-found`, `recipe-not-made`, and as opening files does.
 */
export function holdFiles(kernels: Kernels, { files }: Pick<PairSources, 'files'>): Disposable {
  using stack = new DisposableStack();
  for (const [path, state] of files) {
    const isMade = isMadeFile(path);
    if (isMade) checkMade(path);
    const { identity } = stack.use(kernels.files.acquire(path));
    if (isMade || (state && sameIdentity(state, identity))) continue;
    const then = state ? 'no longer as it was' : 'one that was not there';
    throw new PolarimeterError('file-changed', `the file is ${then} when the study was opened`, path);
  }
  return stack.move();
}
