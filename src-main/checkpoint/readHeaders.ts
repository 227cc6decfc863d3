import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelConfig, TensorInfo } from '../contract/checkpoint.ts';
import { accessing, fileError } from './fileErrors.ts';
import type { WeightFiles } from './findWeights.ts';
import { readGgufHeader } from './gguf/readGgufHeader.ts';
import { naturalOrder } from './naturalOrder.ts';
import { readPytorchHeader } from './pytorch/readPytorchHeader.ts';
import { quoteName, quoteNames } from './quoteName.ts';
import { readSafetensorsHeader } from './readSafetensorsHeader.ts';
import { readShardIndex } from './readShardIndex.ts';
import type { WeightFormat } from './weightFormats.ts';

/** What one file of weights says about itself. */
export interface FileHeader {
  readonly file: string;
  readonly tensors: readonly TensorInfo[];
  /** Layout that the file itself declares, as GGUF does. */
  readonly config: ModelConfig | null;
  readonly warnings: readonly string[];
}

type Placement = ReadonlyMap<string, string>;

/** Whether something is there, links followed. */
const exists = (path: string): boolean =>
  accessing(path, () => statSync(path, { throwIfNoEntry: false })) !== undefined;

/** The first file of a split model speaks for all: the others name no architecture. */
function readGgufFiles([path, ...others]: readonly string[]): FileHeader[] {
  if (path === undefined) return [];
  const first = readGgufHeader(path);
  const rest = others.map((other) => readGgufHeader(other, first.metadata));
  const all = [first, ...rest];
  const hasHead = all.some(({ tensors }) => tensors.some(({ name }) => name === 'lm_head.weight'));
  const config = first.config && {
    ...first.config,
    tiedEmbeddings: first.config.tiedEmbeddings ?? !hasHead,
  };
  return [{ ...first, config }, ...rest];
}

const READERS: Readonly<Record<WeightFormat['id'], (paths: readonly string[]) => FileHeader[]>> = {
  safetensors: (paths) =>
    paths.map((path) => ({ ...readSafetensorsHeader(path), config: null, warnings: [] })),
  pytorch: (paths) => paths.map((path) => ({ ...readPytorchHeader(path), config: null })),
  gguf: readGgufFiles,
};

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

function checkPlacement(index: string, placement: Placement, headers: readonly FileHeader[]): void {
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

function checkNoDuplicates(headers: readonly FileHeader[]): void {
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

/** Headers of all files of a checkpoint, checked against each other and the index. */
export function readHeaders({ folder, files, index, reader }: WeightFiles): FileHeader[] {
  const read = READERS[reader];
  if (index === null) {
    for (const file of files) {
      if (!exists(file))
        throw fileError('incomplete-download', file, 'is a link to a file that is not there');
    }
    const headers = read(files);
    checkNoDuplicates(headers);
    return headers;
  }
  const placement = readShardIndex(index);
  const shards = [...new Set(placement.values())].sort(naturalOrder);
  checkShardsExist(index, folder, shards);
  const headers = read(shards.map((shard) => join(folder, shard)));
  checkNoDuplicates(headers);
  checkPlacement(index, placement, headers);
  return headers;
}
