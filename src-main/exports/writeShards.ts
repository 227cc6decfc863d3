import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { DenseKernels } from '../kernels/DenseMatrix.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import { tensorSource } from '../tensors/tensorSource.ts';
import { copyTensor } from './copyTensor.ts';
import { shardIndex, type Shard } from './planShards.ts';
import type { TensorToWrite } from './tensorsToWrite.ts';

export type WritingKernels = Pick<Kernels, 'contentHash' | 'elementPass' | 'files'> & {
  readonly dense: Pick<DenseKernels, 'convert'>;
};

export interface WritingShards {
  readonly kernels: WritingKernels;
  readonly signal: AbortSignal;
  readonly onBytes: (tensor: TensorToWrite, bytes: number) => void;
}

/** Writes one shard; returns what rounding added to each converted tensor, as a Frobenius norm. */
async function writeShard(
  path: string,
  shard: Shard<TensorToWrite>,
  { kernels, signal, onBytes }: WritingShards,
): Promise<[string, number][]> {
  const roundings: [string, number][] = [];
  await using file = await open(path, 'wx');
  await file.write(shard.header);
  await file.truncate(shard.bytes);
  for (const { tensor, offset } of shard.tensors) {
    const { source, name, bytes, converted } = tensor;
    if (converted === null) {
      const report = (copied: number): void => onBytes(tensor, copied);
      await copyTensor(source, file, offset, { signal, onBytes: report });
      continue;
    }
    const destination = { path, offset, dtype: converted };
    const { rounding } = await kernels.dense.convert(tensorSource(source), destination, { signal });
    roundings.push([name, rounding]);
    onBytes(tensor, bytes);
  }
  await file.sync();
  return roundings;
}

/** Writes all shards of a checkpoint, and their index where there are several, into a folder. Returns as `writeShard` does. */
export async function writeShards(
  folder: string,
  shards: readonly Shard<TensorToWrite>[],
  writing: WritingShards,
): Promise<Map<string, number>> {
  const roundings = new Map<string, number>();
  for (const shard of shards) {
    for (const [name, rounding] of await writeShard(join(folder, shard.file), shard, writing))
      roundings.set(name, rounding);
  }
  if (shards.length > 1) writeFileSync(join(folder, 'model.safetensors.index.json'), shardIndex(shards));
  return roundings;
}
