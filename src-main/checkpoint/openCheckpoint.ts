import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Checkpoint, TensorInfo } from '../contract/checkpoint.ts';
import { DTYPE_BITS } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { checkpointStep, checkpointTitle } from './checkpointTitle.ts';
import { countElements } from './checkTensorLayout.ts';
import { accessing, fileError } from './fileErrors.ts';
import type { WeightFiles } from './findWeights.ts';
import { findWeights } from './findWeights.ts';
import { naturalOrder } from './naturalOrder.ts';
import { quoteName, quoteNames } from './quoteName.ts';
import type { ConfigReading } from './readModelConfig.ts';
import { readModelConfig } from './readModelConfig.ts';
import type { SafetensorsHeader } from './readSafetensorsHeader.ts';
import { readSafetensorsHeader } from './readSafetensorsHeader.ts';
import { readShardIndex } from './readShardIndex.ts';

type Placement = ReadonlyMap<string, string>;

/** Whether something is there, links followed. */
const exists = (path: string): boolean =>
  accessing(path, () => statSync(path, { throwIfNoEntry: false })) !== undefined;

function checkShardsExist(index: string, folder: string, shards: readonly string[]): void {
  const missing = shards.filter((shard) => !exists(join(folder, shard)));
  if (missing.length === 0) return;
  const count = `${String(missing.length)} of ${String(shards.length)} shards missing: incomplete download`;
  const verb = missing.length > 1 ? 'which are' : 'which is';
  throw fileError(
    'shard-missing',
    index,
    `names ${quoteNames(missing)}, ${verb} not in the folder (${count})`,
  );
}

function checkPlacement(index: string, placement: Placement, headers: readonly SafetensorsHeader[]): void {
  const found = new Map(
    headers.flatMap(({ file, tensors }) => tensors.map(({ name }) => [name, file] as const)),
  );
  const folder = join(index, '..');
  for (const [tensor, shard] of placement) {
    const file = found.get(tensor);
    if (file === join(folder, shard)) continue;
    const what = `places tensor ${quoteName(tensor)} in ${quoteName(shard)}`;
    throw fileError('shard-mismatch', index, `${what}, which does not hold it`);
  }
  for (const [tensor, file] of found) {
    if (placement.has(tensor)) continue;
    throw fileError(
      'shard-mismatch',
      file,
      `holds tensor ${quoteName(tensor)}, which the index does not list`,
    );
  }
}

function checkNoDuplicates(headers: readonly SafetensorsHeader[]): void {
  const holders = new Map<string, string>();
  for (const { file, tensors } of headers) {
    for (const { name } of tensors) {
      const other = holders.get(name);
      if (other !== undefined) {
        const what = `holds tensor ${quoteName(name)}, which ${quoteName(other.split(/[/\\]/).at(-1) ?? '')} holds as well`;
        throw fileError('duplicate-tensor', file, what);
      }
      holders.set(name, file);
    }
  }
}

/** Headers of all files, checked against each other and the index. */
function readHeaders({ folder, files, index }: WeightFiles): SafetensorsHeader[] {
  if (index === null) {
    for (const file of files) {
      if (!exists(file))
        throw fileError('incomplete-download', file, 'is a link to a file that is not there');
    }
    const headers = files.map(readSafetensorsHeader);
    checkNoDuplicates(headers);
    return headers;
  }
  const placement = readShardIndex(index);
  const shards = [...new Set(placement.values())].sort(naturalOrder);
  checkShardsExist(index, folder, shards);
  const paths = shards.map((shard) => join(folder, shard));
  const headers = paths.map(readSafetensorsHeader);
  checkNoDuplicates(headers);
  checkPlacement(index, placement, headers);
  return headers;
}

function unknownTypes(tensors: readonly TensorInfo[]): string[] {
  const types = new Set(
    tensors.map(({ dtype }) => dtype).filter((dtype) => !Object.hasOwn(DTYPE_BITS, dtype)),
  );
  return types.size === 0
    ? []
    : [`unknown element types are listed, never compared: ${quoteNames([...types])}`];
}

function configWarnings({ config, quantization }: ConfigReading): string[] {
  if (config === null) {
    return [
      'there is no config.json: attention heads and tied embeddings are judged by names and shapes alone',
    ];
  }
  return quantization === null ? [] : [`config.json declares quantised weights (${quantization})`];
}

/**
 * Opens a checkpoint, given as a folder, a safetensors file, an index, or one of several shards. Reads headers only.
 * Fails with a code for each thing that can be wrong with it, see contract/errors.ts.
 */
export function openCheckpoint(path: string): Checkpoint {
  const absolute = resolve(path);
  const isFolder = accessing(absolute, () => statSync(absolute)).isDirectory();
  const weights = findWeights(absolute, isFolder);
  const reading = readModelConfig(weights.folder);
  const tensors = readHeaders(weights).flatMap((header) => header.tensors);
  if (tensors.length === 0)
    throw new PolarimeterError('not-a-checkpoint', 'its files hold no tensors', absolute);
  return {
    path: absolute,
    title: checkpointTitle(absolute),
    format: weights.format,
    config: reading.config,
    tensors,
    files: [...new Set(tensors.map(({ file }) => file))],
    parameters: tensors.reduce((sum, { shape }) => sum + (countElements(shape) ?? 0), 0),
    bytes: tensors.reduce((sum, { bytes }) => sum + bytes, 0),
    warnings: [...weights.warnings, ...configWarnings(reading), ...unknownTypes(tensors)],
    step: checkpointStep(absolute),
  };
}
