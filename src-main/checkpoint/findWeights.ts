import { basename, dirname, join } from 'node:path';
import type { Checkpoint } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { explainFile, explainFolder } from './explainFolder.ts';
import { fileError } from './fileErrors.ts';
import { isLfsPointer, LFS_POINTER_BYTES, lfsPointerError } from './lfsPointer.ts';
import { listFolder } from './listFolder.ts';
import { quoteName, quoteNames } from './quoteName.ts';
import { withFile } from './readBytes.ts';

/** Which files make up a checkpoint; decided by names alone. */
export interface WeightFiles {
  readonly folder: string;
  readonly format: Checkpoint['format'];
  /** Absolute paths; for an index the files that it names are read from it instead. */
  readonly files: readonly string[];
  /** Absolute path of the shard index, when there is one. */
  readonly index: string | null;
  readonly warnings: readonly string[];
}

const USUAL_FILE = 'model.safetensors';
const USUAL_INDEX = 'model.safetensors.index.json';
const INDEX_SUFFIX = '.safetensors.index.json';
const SHARD = /^(.*?)[_-](\d{5,6})-of-(\d{5,6})\.safetensors$/;

interface ShardGroup {
  readonly prefix: string;
  readonly total: string;
  readonly names: readonly string[];
}

function groupShards(names: readonly string[]): ShardGroup[] {
  const groups = Map.groupBy(
    names.filter((name) => SHARD.test(name)),
    (name) => name.replace(SHARD, '$1 $3'),
  );
  return [...groups.values()].map((members) => {
    const [, prefix = '', , total = ''] = SHARD.exec(members[0] ?? '') ?? [];
    return { prefix, total, names: members };
  });
}

/** Throws shard-missing unless numbers 1 to N are all there, once each. */
function checkComplete(folder: string, { prefix, total, names }: ShardGroup): void {
  const numbers = new Set(names.map((name) => Number(SHARD.exec(name)?.[2])));
  const count = Number(total);
  const missing = Array.from({ length: Math.min(count, 100_000) }, (_, i) => i + 1).filter(
    (n) => !numbers.has(n),
  );
  if (missing.length === 0 && numbers.size === names.length && names.length === count) return;
  const [first = 0] = missing;
  const name = `${prefix}-${String(first).padStart(total.length, '0')}-of-${total}.safetensors`;
  const what =
    missing.length > 0
      ? `${quoteName(name)} is not in the folder (${String(missing.length)} of ${String(count)} shards missing: incomplete download)`
      : `the ${String(names.length)} shards ${quoteNames(names)} are not numbered 1 to ${String(count)}`;
  throw new PolarimeterError('shard-missing', what, folder);
}

function unusedWarning(used: readonly string[], names: readonly string[]): string[] {
  const unused = names.filter((name) => name.endsWith('.safetensors') && !used.includes(name));
  return unused.length === 0 ? [] : [`not part of this checkpoint and left aside: ${quoteNames(unused)}`];
}

function ambiguous(folder: string, names: readonly string[]): PolarimeterError {
  const what = `this folder holds ${String(names.length)} safetensors files that no index joins: ${quoteNames(names)}`;
  return new PolarimeterError('ambiguous-folder', what, folder);
}

function fromShards(folder: string, group: ShardGroup): WeightFiles {
  checkComplete(folder, group);
  const files = group.names.map((name) => join(folder, name));
  const warnings = ['there is no index; the shards were found by their names'];
  return { folder, format: 'safetensors-sharded', files, index: null, warnings };
}

function fromSingle(folder: string, name: string, warnings: readonly string[]): WeightFiles {
  return { folder, format: 'safetensors', files: [join(folder, name)], index: null, warnings };
}

/** Weights among the names in a folder; null when there are none. Fails with ambiguous-folder or shard-missing. */
export function findFolderWeights(folder: string, names: readonly string[]): WeightFiles | null {
  // A model file wins over an index beside it, as in the transformers library.
  if (names.includes(USUAL_FILE)) return fromSingle(folder, USUAL_FILE, unusedWarning([USUAL_FILE], names));
  const indexes = names.filter((name) => name.endsWith(INDEX_SUFFIX) && !name.startsWith('adapter_model.'));
  const index = indexes.includes(USUAL_INDEX) ? USUAL_INDEX : indexes[0];
  if (index !== undefined) {
    if (index !== USUAL_INDEX && indexes.length > 1) throw ambiguous(folder, indexes);
    return { folder, format: 'safetensors-sharded', files: [], index: join(folder, index), warnings: [] };
  }
  const candidates = names.filter((name) => name.endsWith('.safetensors') && !explainFile(name));
  const [group, ...others] = groupShards(candidates);
  if (group && others.length === 0 && group.names.length === candidates.length)
    return fromShards(folder, group);
  const [single] = candidates;
  if (single === undefined) return null;
  if (candidates.length > 1) throw ambiguous(folder, candidates);
  return fromSingle(folder, single, []);
}

function findInFolder(folder: string, names: readonly string[]): WeightFiles {
  const weights = findFolderWeights(folder, names);
  if (weights) return weights;
  const reason = explainFolder(folder, names);
  if (reason) throw reason;
  const content = names.length === 0 ? 'is empty' : `holds no safetensors files, but ${quoteNames(names)}`;
  throw new PolarimeterError('not-a-checkpoint', `the folder ${content}`, folder);
}

/** Tells by its first bytes whether a file without a telling name could be safetensors. */
function sniff(path: string): void {
  const start = withFile(path, ({ read }) => read(0, LFS_POINTER_BYTES));
  if (isLfsPointer(start)) throw lfsPointerError(path);
  if (start.subarray(0, 4).toString('latin1') === 'GGUF') {
    throw fileError('unsupported-format', path, 'is a GGUF file; only safetensors can be read so far');
  }
  if (start[8] !== 0x7b) throw fileError('not-a-checkpoint', path, 'is not a safetensors file');
}

function findAtFile(path: string): WeightFiles {
  const [folder, name] = [dirname(path), basename(path)];
  const reason = explainFile(path);
  if (reason) throw reason;
  if (name.endsWith(INDEX_SUFFIX)) {
    return { folder, format: 'safetensors-sharded', files: [], index: path, warnings: [] };
  }
  const group = groupShards([name])[0];
  if (group) return findAtShard(path, group);
  if (!name.endsWith('.safetensors')) sniff(path);
  return { folder, format: 'safetensors-file', files: [path], index: null, warnings: [] };
}

/** One shard stands for the whole checkpoint that it belongs to. */
function findAtShard(path: string, { prefix, total }: ShardGroup): WeightFiles {
  const folder = dirname(path);
  const names = listFolder(folder);
  if (names.includes(prefix + INDEX_SUFFIX)) {
    return {
      folder,
      format: 'safetensors-sharded',
      files: [],
      index: join(folder, prefix + INDEX_SUFFIX),
      warnings: [],
    };
  }
  const group = groupShards(names).find((other) => other.prefix === prefix && other.total === total);
  return fromShards(folder, group ?? { prefix, total, names: [basename(path)] });
}

/** Which files make up the checkpoint at a path, and why there is none where there is none. */
export function findWeights(path: string, isFolder: boolean): WeightFiles {
  return isFolder ? findInFolder(path, listFolder(path)) : findAtFile(path);
}
