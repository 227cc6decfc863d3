import { quoteName } from '../../../checkpoint/quoteName.ts';
import { untokenizable } from './tokenizerFile.ts';

export type Merge = readonly [left: string, right: string];

/** A symbol that two neighbours become, and how early: lower is earlier. */
type RankOf = (left: string, right: string) => number | undefined;

/** What merging neighbours makes of a run of one character, the earliest pair first, the leftmost among equals. */
function mergeRun(character: string, length: number, rankOf: RankOf): string[] {
  const symbols = new Array<string>(length).fill(character);
  for (;;) {
    const ranks = symbols.slice(1).map((right, i) => rankOf(symbols[i] ?? '', right) ?? Infinity);
    const best = Math.min(...ranks);
    if (best === Infinity) return symbols;
    const at = ranks.indexOf(best);
    symbols.splice(at, 2, `${symbols[at] ?? ''}${symbols[at + 1] ?? ''}`);
  }
}

const isRun = (text: string): boolean => new Set(text).size === 1;

const key = ([left, right]: Merge): string => `${left}\0${right}`;

/**
 * llama.cpp merges neighbours by the score of what they become, tokenizer.json by the rank of the pair. The same, where all pairs that
 * become a token follow each other; or where those in between are runs of one character, of which every length is tried.
 */
function checkOrder(merges: readonly Merge[], first: ReadonlyMap<string, number>, path: string): void {
  const results = merges.map(([left, right]) => left + right);
  const late = results.flatMap((result, i) =>
    i > 0 && results[i - 1] !== result && first.get(result) !== i ? [i] : [],
  );
  if (late.length === 0) return;
  const begin = Math.min(...late.map((i) => first.get(results[i] ?? '') ?? 0));
  const mixed = results.slice(begin, (late.at(-1) ?? 0) + 1);
  const odd = mixed.find((result) => !isRun(result));
  if (odd !== undefined)
    throw untokenizable(`its merges to ${quoteName(odd)} do not follow one order of tokens`, path);
  const ranks = new Map(merges.map((merge, i) => [key(merge), i]));
  const longest = Math.max(...mixed.map((result) => [...result].length));
  for (const character of new Set(mixed.flatMap((result) => [...result]))) {
    for (let length = 2; length <= 2 * longest + 2; length += 1) {
      const byRank = mergeRun(character, length, (left, right) => ranks.get(key([left, right])));
      const byScore = mergeRun(character, length, (left, right) => first.get(left + right));
      if (byRank.join('\0') !== byScore.join('\0'))
        throw untokenizable(
          `its merges of runs of ${quoteName(character)} do not follow one order of tokens`,
          path,
        );
    }
  }
}

/** Lengths of the left parts of the pairs that become a token, by token. */
function splitsOf(merges: readonly Merge[]): ReadonlyMap<string, readonly number[]> {
  const splits = new Map<string, number[]>();
  for (const [left, right] of merges) {
    const result = left + right;
    const lengths = splits.get(result);
    if (lengths) lengths.push(left.length);
    else splits.set(result, [left.length]);
  }
  return splits;
}

/** Whether a place lies between two characters, not inside one of two units. */
function isCut(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit < 0xdc00 || unit > 0xdfff;
}

/** Whether neighbours become a token in llama.cpp, which merges any two that together are one: tokenizer.json must do so as well. */
function isMerged(
  token: string,
  reachable: ReadonlySet<string>,
  { listed, path }: { readonly listed: readonly number[]; readonly path: string },
): boolean {
  let isFound = false;
  for (let at = 1; at < token.length; at += 1) {
    if (!isCut(token, at) || !reachable.has(token.slice(0, at)) || !reachable.has(token.slice(at))) continue;
    isFound = true;
    if (listed.includes(at)) continue;
    const [left, right] = [quoteName(token.slice(0, at)), quoteName(token.slice(at))];
    throw untokenizable(`it does not merge ${left} and ${right}, llama.cpp does`, path);
  }
  return isFound;
}

/** Goes through the tokens from short to long, and what they can be merged of. */
function checkPairs(texts: Iterable<string>, merges: readonly Merge[], path: string): void {
  const splits = splitsOf(merges);
  const reachable = new Set<string>();
  const byLength = Map.groupBy(texts, ({ length }) => length);
  for (const length of [...byLength.keys()].sort((a, b) => a - b)) {
    for (const token of byLength.get(length) ?? []) {
      const isCharacter = length === 1 || (length === 2 && !isCut(token, 1));
      const of = { listed: splits.get(token) ?? [], path };
      if (isCharacter || isMerged(token, reachable, of)) reachable.add(token);
    }
  }
}

/**
 * Scores by which llama.cpp merges as tokenizer.json says, by token; tokens that no merge makes have none.
 * Fails with tokenizer-unsupported where there are no such scores.
 */
export function mergeScores(
  texts: ReadonlySet<string>,
  merges: readonly Merge[],
  path: string,
): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const [i, [left, right]] of merges.entries()) {
    const result = left + right;
    if (!texts.has(result))
      throw untokenizable(`a merge makes ${quoteName(result)}, which is no token`, path);
    if (!first.has(result)) first.set(result, i);
  }
  checkOrder(merges, first, path);
  checkPairs(texts, merges, path);
  return new Map([...first].map(([result, rank]) => [result, -rank]));
}
