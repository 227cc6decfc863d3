import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { must } from '../../base/assert.ts';
import { running } from './running.ts';

/** Entries of probability tables that are held at a time. */
const MOST_ENTRIES = 2 ** 21;
/** llama.cpp gives probabilities as float32. Below its smallest normal number their logarithms lose digits, and end at zero. */
const SMALLEST = 2 ** -126;
/** Logits over this fit into float32 probabilities as far as 1 600 apart. */
const FLATTER = 16;

type Table = ReadonlyMap<Token, number>;

/** Tokens of a text whose successors are asked for: those from `from` on. What is before them is read without asking. */
export interface Reading {
  readonly tokens: readonly Token[];
  readonly from: number;
  readonly vocabulary: number;
  /** Entries that must be exact however improbable they are: all, or that of the token that follows in the text. */
  readonly exact: 'all' | 'next';
}

/**
 * Calls with the log-probabilities over the vocabulary after each token from `from` on but the last. The sequence goes on from where it is:
 * `tokens` is what it has not read yet.
 */
export async function eachDistribution(
  sequence: LlamaContextSequence,
  { tokens, from, vocabulary, exact }: Reading,
  use: (index: number, logProbabilities: Float64Array) => void,
): Promise<void> {
  const before = tokens.slice(0, from);
  if (before.length > 0)
    await running('reading a text', () => sequence.evaluateWithoutGeneratingNewTokens(before));
  const width = Math.max(1, Math.floor(MOST_ENTRIES / vocabulary));
  for (let start = from; start < tokens.length - 1; start += width) {
    const part = tokens.slice(start, Math.min(start + width, tokens.length - 1));
    const next = exact === 'all' ? null : tokens.slice(start + 1, start + 1 + part.length);
    for (const [index, values] of (await read(sequence, part, { vocabulary, next })).entries())
      use(start + index, values);
  }
}

async function read(
  sequence: LlamaContextSequence,
  part: readonly Token[],
  { vocabulary, next }: { readonly vocabulary: number; readonly next: readonly Token[] | null },
): Promise<Float64Array[]> {
  const start = sequence.nextTokenIndex;
  const tables = await tablesAfter(sequence, part, 1);
  if (!tables.some((table, index) => hasTiny(table, next?.[index])))
    return tables.map((table) => logarithms(table, vocabulary));
  await sequence.eraseContextTokenRanges([{ start, end: sequence.nextTokenIndex }]);
  const flat = await tablesAfter(sequence, part, FLATTER);
  return tables.map((table, index) => withTail(logarithms(table, vocabulary), must(flat[index], 'as many')));
}

/** Probabilities after each token, of logits divided by a temperature. */
async function tablesAfter(
  sequence: LlamaContextSequence,
  part: readonly Token[],
  temperature: number,
): Promise<Table[]> {
  // Greedy leaves the logits alone; a temperature needs the whole vocabulary to be kept.
  const options =
    temperature === 1 ? { temperature: 0 } : { temperature, topK: 0, topP: 1, minP: 0, seed: 1 };
  const input = part.map((token): [Token, object] => [
    token,
    { generateNext: { probabilities: true, options } },
  ]);
  const read = await running('probabilities of a text', () => sequence.controlledEvaluate(input));
  return part.map((_token, index) => must(read[index]?.next.probabilities, 'asked for after every token'));
}

const isTiny = (probability: number): boolean => probability < SMALLEST;

function hasTiny(table: Table, only: Token | undefined): boolean {
  if (only !== undefined) return isTiny(table.get(only) ?? 0);
  for (const probability of table.values()) if (isTiny(probability)) return true;
  return false;
}

/** Tokens that are not in the table are impossible; the sum is brought to 1 in float64. */
function logarithms(table: Table, vocabulary: number): Float64Array {
  const values = new Float64Array(vocabulary).fill(-Infinity);
  let sum = 0;
  for (const probability of table.values()) sum += probability;
  const norm = Math.log(sum);
  for (const [token, probability] of table) values[token] = Math.log(probability) - norm;
  return values;
}

/** The same with the entries that were too small taken from the flattened table, relative to the most probable token. */
function withTail(values: Float64Array, flat: Table): Float64Array {
  const [top, reference] = must(flat.entries().next().value, 'a vocabulary has a token');
  const base = must(values[top], 'the same vocabulary');
  for (const [token, probability] of flat) {
    const value = values[token] ?? -Infinity;
    if (value < Math.log(SMALLEST)) values[token] = base + FLATTER * Math.log(probability / reference);
  }
  return values;
}
