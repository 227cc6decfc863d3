import { basename } from 'node:path';
import { must } from '../base/assert.ts';
import { fileError } from './fileErrors.ts';
import { JsonFault, JsonReader } from './JsonReader.ts';
import { quoteName } from './quoteName.ts';
import { readTextFile } from './readTextFile.ts';
import { formatOfIndex, type WeightFormat } from './weightFormats.ts';

const LARGEST_INDEX = 100_000_000;
const MOST_TENSORS = 1_000_000;
/** Separators, drive letters and streams could lead out of the folder; control characters could hide it. */
const NOT_IN_A_FILE_NAME = /[/\\:\p{Cc}]/u;

function checkShardName(shard: string, tensor: string, { files, title }: WeightFormat): void {
  if (!NOT_IN_A_FILE_NAME.test(shard) && !shard.startsWith('.') && files.test(shard)) return;
  const what = `weight_map places tensor ${quoteName(tensor)} in ${quoteName(shard)}`;
  throw new JsonFault('content', `${what}, which is not the name of a ${title} file in this folder`);
}

function readWeightMap(text: string, format: WeightFormat): Map<string, string> {
  const placement = new Map<string, string>();
  const names = new Map<string, string>();
  const reader = new JsonReader(text);
  reader.object((key) => {
    if (key !== 'weight_map') reader.skip();
    else
      reader.object((tensor) => {
        if (placement.size === MOST_TENSORS)
          throw new JsonFault('content', `more than ${String(MOST_TENSORS)} tensors`);
        const shard = reader.string();
        if (!names.has(shard)) checkShardName(shard, tensor, format);
        // One string per shard instead of one per tensor.
        names.set(shard, names.get(shard) ?? shard);
        placement.set(tensor, names.get(shard) ?? shard);
      });
  });
  reader.end();
  if (placement.size === 0) throw new JsonFault('content', 'it has no weight_map with tensors');
  return placement;
}

/**
 * Reads which file of its folder holds which tensor, from model.safetensors.index.json or the index of another format.
 * Fails with index-invalid, also when a file name would lead out of the folder.
 */
export function readShardIndex(path: string): ReadonlyMap<string, string> {
  const text = readTextFile(path, LARGEST_INDEX, 'index-invalid');
  try {
    return readWeightMap(text, must(formatOfIndex(basename(path)), path));
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw fileError('index-invalid', path, error.message);
  }
}
