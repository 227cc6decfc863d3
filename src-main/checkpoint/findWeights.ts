import { basename, dirname, join } from 'node:path';
import type { Checkpoint } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS, isAdapterFolder } from './adapter/isAdapterFolder.ts';
import { explainFile, explainFolder } from './explainFolder.ts';
import { fileError } from './fileErrors.ts';
import { isLfsPointer, LFS_POINTER_BYTES, lfsPointerError } from './lfsPointer.ts';
import { listFolder } from './listFolder.ts';
import { quoteNames } from './quoteName.ts';
import { withFile } from './readBytes.ts';
import { checkComplete, groupShards, type ShardGroup } from './shardNames.ts';
import { formatOfFile, formatOfIndex, WEIGHT_FORMATS, type WeightFormat } from './weightFormats.ts';

/** Which files make up a checkpoint; decided by names alone. */
export interface WeightFiles {
  readonly folder: string;
  readonly format: Checkpoint['format'];
  /** How the files are read; of an adapter, how its own file is. */
  readonly reader: WeightFormat['id'];
  /** Absolute paths; for an index the files that it names are read from it instead. */
  readonly files: readonly string[];
  /** Absolute path of the shard index, when there is one. */
  readonly index: string | null;
  readonly warnings: readonly string[];
}

function unusedWarning(used: readonly string[], names: readonly string[], format: WeightFormat): string[] {
  const unused = names.filter(
    (name) => format.files.test(name) && !explainFile(name) && !used.includes(name),
  );
  return unused.length === 0 ? [] : [`not part of this checkpoint and left aside: ${quoteNames(unused)}`];
}

function ambiguous(folder: string, names: readonly string[], format: WeightFormat): PolarimeterError {
  const what = `this folder holds ${String(names.length)} ${format.title} files that no index joins: ${quoteNames(names)}`;
  return new PolarimeterError('ambiguous-folder', what, folder);
}

function fromShards(folder: string, group: ShardGroup, format: WeightFormat): WeightFiles {
  checkComplete(folder, group);
  const files = group.names.map((name) => join(folder, name));
  const warnings =
    format.indexSuffix === null ? [] : ['there is no index; the shards were found by their names'];
  return { folder, format: format.sharded, reader: format.id, files, index: null, warnings };
}

function fromIndex(folder: string, name: string, format: WeightFormat): WeightFiles {
  const index = join(folder, name);
  return { folder, format: format.sharded, reader: format.id, files: [], index, warnings: [] };
}

function fromSingle(
  folder: string,
  name: string,
  names: readonly string[],
  format: WeightFormat,
): WeightFiles {
  const warnings = unusedWarning([name], names, format);
  return {
    folder,
    format: format.single,
    reader: format.id,
    files: [join(folder, name)],
    index: null,
    warnings,
  };
}

/** Weights of one format among the names in a folder; null when there are none. */
function findFormat(folder: string, names: readonly string[], format: WeightFormat): WeightFiles | null {
  // A model file wins over an index beside it, as in the transformers library.
  const usual = names.find((name) => format.usual.test(name));
  if (usual !== undefined) return fromSingle(folder, usual, names, format);
  const indexes = names.filter(
    (name) => formatOfIndex(name) === format && !name.startsWith('adapter_model.'),
  );
  const index = indexes.find((name) => name === format.usualIndex) ?? indexes[0];
  if (index !== undefined) {
    if (index !== format.usualIndex && indexes.length > 1) throw ambiguous(folder, indexes, format);
    return fromIndex(folder, index, format);
  }
  const candidates = names.filter((name) => format.files.test(name) && !explainFile(name));
  const [group, ...others] = groupShards(candidates);
  if (group && others.length === 0 && group.names.length === candidates.length)
    return fromShards(folder, group, format);
  const [single] = candidates;
  if (single === undefined) return null;
  if (candidates.length > 1) throw ambiguous(folder, candidates, format);
  return fromSingle(folder, single, candidates, format);
}

/** An adapter among the names in a folder; null when there is none. */
function findAdapter(folder: string, names: readonly string[]): WeightFiles | null {
  const name = ADAPTER_WEIGHTS.find((candidate) => names.includes(candidate));
  if (name === undefined || !isAdapterFolder(names)) return null;
  const reader = formatOfFile(name)?.id ?? 'safetensors';
  return { folder, format: 'adapter', reader, files: [join(folder, name)], index: null, warnings: [] };
}

/**
 * Weights among the names in a folder; null when there are none. A whole model wins over an adapter beside it, and safetensors over the
 * other formats. Fails with ambiguous-folder or shard-missing.
 */
export function findFolderWeights(folder: string, names: readonly string[]): WeightFiles | null {
  const [first, ...others] = WEIGHT_FORMATS;
  const find = (format: WeightFormat): WeightFiles | null => findFormat(folder, names, format);
  const found = first && find(first);
  if (found) return found;
  const usual = others.find((format) =>
    names.some((name) => format.usual.test(name) || name === format.usualIndex),
  );
  if (usual) return find(usual);
  const adapter = findAdapter(folder, names);
  if (adapter) return adapter;
  for (const format of others) {
    const weights = find(format);
    if (weights) return weights;
  }
  return null;
}

function findInFolder(folder: string, names: readonly string[]): WeightFiles {
  const weights = findFolderWeights(folder, names);
  if (weights) return weights;
  const reason = explainFolder(folder, names);
  if (reason) throw reason;
  const content = names.length === 0 ? 'is empty' : `holds no file of weights, but ${quoteNames(names)}`;
  throw new PolarimeterError('not-a-checkpoint', `the folder ${content}`, folder);
}

const ZIP = 'PK\u0003\u0004';

/** The format of a file without a telling name, by its first bytes. */
function sniff(path: string): WeightFormat {
  const start = withFile(path, ({ read }) => read(0, LFS_POINTER_BYTES));
  if (isLfsPointer(start)) throw lfsPointerError(path);
  const magic = start.subarray(0, 4).toString('latin1');
  const id = magic === 'GGUF' ? 'gguf' : magic === ZIP ? 'pytorch' : start[8] === 0x7b ? 'safetensors' : null;
  const format = WEIGHT_FORMATS.find((candidate) => candidate.id === id);
  if (!format) throw fileError('not-a-checkpoint', path, 'is not a safetensors, PyTorch or GGUF file');
  return format;
}

function findAtFile(path: string): WeightFiles {
  const [folder, name] = [dirname(path), basename(path)];
  if (name === ADAPTER_CONFIG || ADAPTER_WEIGHTS.includes(name)) {
    const adapter = findAdapter(folder, listFolder(folder));
    if (adapter) return adapter;
  }
  const reason = explainFile(path);
  if (reason) throw reason;
  const indexed = formatOfIndex(name);
  if (indexed) return fromIndex(folder, name, indexed);
  const format = formatOfFile(name) ?? sniff(path);
  const group = groupShards([name])[0];
  if (group) return findAtShard(path, group, format);
  return { folder, format: format.named, reader: format.id, files: [path], index: null, warnings: [] };
}

/** One shard stands for the whole checkpoint that it belongs to. */
function findAtShard(
  path: string,
  { prefix, total, extension }: ShardGroup,
  format: WeightFormat,
): WeightFiles {
  const folder = dirname(path);
  const names = listFolder(folder);
  const index = format.indexSuffix === null ? null : prefix + format.indexSuffix;
  if (index !== null && names.includes(index)) return fromIndex(folder, index, format);
  const group = groupShards(names).find(
    (other) => other.prefix === prefix && other.total === total && other.extension === extension,
  );
  return fromShards(folder, group ?? { prefix, total, extension, names: [basename(path)] }, format);
}

/** Which files make up the checkpoint at a path, and why there is none where there is none. */
export function findWeights(path: string, isFolder: boolean): WeightFiles {
  return isFolder ? findInFolder(path, listFolder(path)) : findAtFile(path);
}
