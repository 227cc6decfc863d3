import type { Kernels } from '../kernels/Kernels.ts';

/** What recipes need of the native core. */
export type RecipeKernels = Pick<Kernels, 'files' | 'contentHash' | 'capabilities' | 'dense'>;
