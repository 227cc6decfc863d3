import { PolarimeterError } from '../contract/errors.ts';
import { quoteName, quoteNames } from './quoteName.ts';

/** Files of one set, e.g. model-00001-of-00003.safetensors. */
export interface ShardGroup {
  readonly prefix: string;
  readonly total: string;
  readonly extension: string;
  readonly names: readonly string[];
}

const SHARD = /^(.*?)[_-](\d{5,6})-of-(\d{5,6})\.(safetensors|bin|pt|pth|gguf)$/;

/** Sets of shards among file names. */
export function groupShards(names: readonly string[]): ShardGroup[] {
  const groups = Map.groupBy(
    names.filter((name) => SHARD.test(name)),
    (name) => name.replace(SHARD, '$1 $3 $4'),
  );
  return [...groups.values()].map((members) => {
    const [, prefix = '', , total = '', extension = ''] = SHARD.exec(members[0] ?? '') ?? [];
    return { prefix, total, extension, names: members };
  });
}

/** Throws shard-missing unless numbers 1 to N are all there, once each. */
export function checkComplete(folder: string, { prefix, total, extension, names }: ShardGroup): void {
  const numbers = new Set(names.map((name) => Number(SHARD.exec(name)?.[2])));
  const count = Number(total);
  const missing = Array.from({ length: Math.min(count, 100_000) }, (_, i) => i + 1).filter(
    (n) => !numbers.has(n),
  );
  if (missing.length === 0 && numbers.size === names.length && names.length === count) return;
  const [first = 0] = missing;
  const name = `${prefix}-${String(first).padStart(total.length, '0')}-of-${total}.${extension}`;
  const what =
    missing.length > 0
      ? `${quoteName(name)} is not in the folder (${String(missing.length)} of ${String(count)} shards missing: incomplete download)`
      : `the ${String(names.length)} shards ${quoteNames(names)} are not numbered 1 to ${String(count)}`;
  throw new PolarimeterError('shard-missing', what, folder);
}
