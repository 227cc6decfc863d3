import { createHash } from 'node:crypto';
import type { Checkpoint, TensorInfo } from '../contract/checkpoint.ts';
import type { JobOptions } from '../kernels/runJob.ts';
import { contentOf } from '../tensors/contentOf.ts';
import { ContentHashes } from './ContentHashes.ts';
import type { RecipeKernels } from './RecipeKernels.ts';

/** Tensors that are read side by side. */
const AT_ONCE = 8;

async function contents(
  tensors: readonly TensorInfo[],
  hashes: ContentHashes,
  options: JobOptions,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const waiting = [...tensors];
  const worker = async (): Promise<void> => {
    for (let tensor = waiting.shift(); tensor; tensor = waiting.shift()) {
      found.set(tensor.name, await contentOf(tensor, (stored) => hashes.of(stored, options)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return found;
}

/**
 * What a model is: 32 hexadecimal digits over names, shapes, element types and contents of all its tensors. The same for the same model in
 * other shards and folders. Content hashes are remembered in the work folder as long as size and time of a file stay the same.
 * Fails with `recipe-not-made` for a recipe of which tensors are missing, and as reading tensors does.
 */
export async function modelFingerprint(
  { tensors }: Pick<Checkpoint, 'tensors'>,
  kernels: Pick<RecipeKernels, 'contentHash'>,
  options: JobOptions = {},
): Promise<string> {
  const hashes = new ContentHashes(kernels);
  try {
    const byName = await contents(tensors, hashes, options);
    const rows = tensors
      .map(({ name, shape, dtype }) => [name, shape, dtype, byName.get(name)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 32);
  } finally {
    hashes.save();
  }
}
