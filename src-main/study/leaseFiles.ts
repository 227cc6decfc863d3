import type { Kernels } from '../kernels/Kernels.ts';
import { filesBehind, type TensorItem } from './plan.ts';

/** Every file behind some items, once. */
export function filesOf(items: readonly TensorItem[]): string[] {
  return [...new Set(items.flatMap(({ comparisons }) => comparisons.flatMap(filesBehind)))];
}

/** Holds every file behind some items open, and in one state, until it is disposed. */
export function leaseFiles(kernels: Kernels, items: readonly TensorItem[]): Disposable {
  using stack = new DisposableStack();
  for (const path of filesOf(items)) stack.use(kernels.files.acquire(path));
  return stack.move();
}
