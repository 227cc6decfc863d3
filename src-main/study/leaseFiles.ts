import { existsSync } from 'node:fs';
import type { Kernels } from '../kernels/Kernels.ts';
import { isMadeFile } from '../tensors/madeFile.ts';
import { filesBehind, type TensorItem } from './plan.ts';

const isThere = (path: string): boolean => !isMadeFile(path) || existsSync(path);

/** Every file behind some items, once. */
export function filesOf(items: readonly TensorItem[]): string[] {
  return [...new Set(items.flatMap(({ comparisons }) => comparisons.flatMap(filesBehind)))];
}

/** Holds every file behind some items open, and in one state, until it is disposed; tensors of recipes may not be made yet. */
export function leaseFiles(kernels: Kernels, items: readonly TensorItem[]): Disposable {
  using stack = new DisposableStack();
  for (const path of filesOf(items).filter(isThere)) stack.use(kernels.files.acquire(path));
  return stack.move();
}
