import { naturalOrder } from '../naturalOrder.ts';

/** The GGUF files that make up one model, by their names. */
export interface GgufGroup {
  /** Name without number and extension. */
  readonly prefix: string;
  /** Files that the names promise. */
  readonly total: number;
  /** In the order of their numbers; the first one carries the metadata of the model. */
  readonly names: readonly string[];
  /** Numbers from 1 that are not there; at most the first hundred. */
  readonly missing: readonly number[];
}

const EXTENSION = /\.gguf$/i;
const SPLIT = /^(.+)-(\d{5})-of-(\d{5})\.gguf$/i;
const MOST_MISSING = 100;

function missingNumbers(present: ReadonlySet<number>, total: number): number[] {
  const missing: number[] = [];
  for (let number = 1; number <= total && missing.length < MOST_MISSING; number += 1)
    if (!present.has(number)) missing.push(number);
  return missing;
}

function groupOf(members: readonly string[]): GgufGroup {
  const [first = ''] = members;
  const [, prefix, , total] = SPLIT.exec(first) ?? [];
  if (prefix === undefined)
    return { prefix: first.replace(EXTENSION, ''), total: 1, names: members, missing: [] };
  const numberOf = (name: string): number => Number(SPLIT.exec(name)?.[2]);
  const names = members.toSorted((a, b) => numberOf(a) - numberOf(b));
  return {
    prefix,
    total: Number(total),
    names,
    missing: missingNumbers(new Set(names.map(numberOf)), Number(total)),
  };
}

/** Groups names like "model-00001-of-00003.gguf" into models, in natural order; names of other files are passed over. */
export function groupGgufFiles(names: readonly string[]): GgufGroup[] {
  const files = names.filter((name) => EXTENSION.test(name));
  const groups = Map.groupBy(files, (name) => name.replace(SPLIT, '$1/$3'));
  return [...groups.values()]
    .map(groupOf)
    .sort((a, b) => naturalOrder(a.prefix, b.prefix) || a.total - b.total);
}
