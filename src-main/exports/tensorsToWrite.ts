import { describeTensors } from '../architecture/describeTensors.ts';
import {
  DTYPE_BITS,
  isQuantized,
  partsOf,
  type Checkpoint,
  type PlainDtype,
  type TensorInfo,
} from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { placeOf } from '../contract/placeOf.ts';
import { madeDtype } from '../recipes/madeDtype.ts';
import type { StoredShape } from './planShards.ts';

export interface TensorToWrite extends StoredShape {
  readonly source: TensorInfo;
  /** Its bytes are copied; else its elements are converted to this type. */
  readonly converted: PlainDtype | null;
}

export interface WritePlan {
  readonly tensors: readonly TensorToWrite[];
  /** Not written, because another tensor holds the very same elements; by name, with the name of the other one. */
  readonly tied: ReadonlyMap<string, string>;
}

const elementCount = ({ shape }: TensorInfo): number => shape.reduce((product, size) => product * size, 1);

function toWrite(source: TensorInfo): TensorToWrite {
  const { name, dtype, shape, bytes, opaque } = source;
  if (opaque !== undefined) {
    throw new PolarimeterError('unsupported-format', `the tensor cannot be written: ${opaque}`, name);
  }
  const isCopied = partsOf(source).length === 0 && !isQuantized(dtype);
  if (isCopied) return { source, name, dtype, shape, bytes, converted: null };
  const converted = madeDtype(source);
  const size = (elementCount(source) * (DTYPE_BITS[converted] ?? 0)) / 8;
  return { source, name, dtype: converted, shape, bytes: size, converted };
}

/**
 * What is stored of a checkpoint: every tensor once. Fails with `unsupported-format` for one that can be listed only.
 * @param isSame whether two tensors in different places hold the same elements
 */
export async function tensorsToWrite(
  checkpoint: Checkpoint,
  isSame: (a: TensorInfo, b: TensorInfo) => Promise<boolean>,
): Promise<WritePlan> {
  const byName = new Map(checkpoint.tensors.map((tensor) => [tensor.name, tensor]));
  const tied = new Map<string, string>();
  for (const { tensor: name, tiedTo } of describeTensors(checkpoint)) {
    const [tensor, owner] = [byName.get(name), byName.get(tiedTo ?? '')];
    if (!tensor || !owner) continue;
    // config.json may say so of two that an edit made different: then both are kept.
    if (placeOf(tensor) === placeOf(owner) || (await isSame(tensor, owner))) tied.set(name, owner.name);
  }
  const kept = checkpoint.tensors.filter(({ name }) => !tied.has(name));
  return { tensors: kept.map(toWrite), tied };
}
