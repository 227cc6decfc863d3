import { ALIGNMENT_REASONS, type AlignedTensor } from '../contract/alignment.ts';
import { isComputable, type TensorInfo } from '../contract/checkpoint.ts';
import type { PairElements } from '../kernels/elementPassResult.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import { tensorSource } from '../tensors/tensorSource.ts';
import type { DiffTensor } from './documents.ts';
import { elementsOf } from './inspectTables.ts';
import { sameBytes } from '../tensors/sameBytes.ts';

type Common = Pick<DiffTensor, 'tensor' | 'module' | 'layer' | 'dtype'>;

const UNCOUNTED = {
  elements: null,
  equalStored: null,
  equalBf16: null,
  invalid: null,
  maxAbsDifference: null,
} as const;

/** Compares one tensor of two checkpoints: by values where the types can be computed with, else byte by byte. */
export async function diffTensor(
  kernels: Kernels,
  aligned: AlignedTensor,
  signal: AbortSignal,
): Promise<DiffTensor> {
  const { reference: a, variant: b, role } = aligned;
  const dtypes = [...new Set([a?.dtype, b?.dtype].filter((dtype) => dtype !== undefined))];
  const common: Common = {
    tensor: aligned.tensor,
    module: role.module,
    layer: role.layer,
    dtype: dtypes.join(' vs '),
  };
  if (a === null || b === null) {
    return {
      ...common,
      ...UNCOUNTED,
      status: a === null ? 'only-in-b' : 'only-in-a',
      detail: absenceText(aligned),
    };
  }
  if (a.shape.join() !== b.shape.join()) {
    const detail = `[${a.shape.join(', ')}] and [${b.shape.join(', ')}]`;
    return { ...common, ...UNCOUNTED, status: 'shape-differs', detail };
  }
  const canCount = isComputable(a) && isComputable(b) && a.bytes > 0;
  const counted = canCount ? await byValues(kernels, common, { a, b, signal }) : byBytes(common, a, b);
  // Two vocabularies are not the same where their common rows are.
  if (elementsOf(a) < aligned.elements)
    return { ...counted, status: 'shape-differs', detail: aligned.detail };
  return counted;
}

/** What there is to say beyond the status, which says that one side is without it. */
function absenceText({ reason, detail }: AlignedTensor): string | null {
  if (reason === 'bookkeeping') return ALIGNMENT_REASONS[reason];
  return detail === 'only in the reference' || detail === 'only in the variant' ? null : detail;
}

function byBytes(common: Common, a: TensorInfo, b: TensorInfo): DiffTensor {
  const same = a.dtype === b.dtype && sameBytes(a, b);
  return { ...common, ...UNCOUNTED, status: same ? 'same' : 'different', detail: 'compared byte by byte' };
}

async function byValues(
  kernels: Kernels,
  common: Common,
  { a, b, signal }: { a: TensorInfo; b: TensorInfo; signal: AbortSignal },
): Promise<DiffTensor> {
  const { pairs } = await kernels.elementPass(
    { reference: tensorSource(a), variants: [tensorSource(b)] },
    { signal },
  );
  const [pair] = pairs as [PairElements];
  const finiteEqual = pair.unchangedNative === pair.n;
  const same = finiteEqual && (pair.invalid === 0 || (a.dtype === b.dtype && sameBytes(a, b)));
  return {
    ...common,
    status: same ? 'same' : 'different',
    elements: pair.n,
    equalStored: pair.unchangedNative,
    equalBf16: pair.unchangedBf16,
    invalid: pair.invalid,
    maxAbsDifference: pair.maxAbsUpdate,
    detail: pair.invalid === 0 ? null : `${String(pair.invalid)} elements are NaN or infinite on either side`,
  };
}
