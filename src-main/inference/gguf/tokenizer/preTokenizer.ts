import { z } from 'zod';
import { quoteName } from '../../../checkpoint/quoteName.ts';
import { type Step, stepsOf, untokenizable } from './tokenizerFile.ts';

/** How a text is split into words before merging. */
export type Splitting = 'none' | 'gpt-2' | 'digits' | 'llama-3' | 'qwen-2' | 'tekken';

const CONTRACTIONS = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|`;
const SYMBOLS = String.raw`| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const UPPER = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const LOWER = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const OTHER = String.raw`[^\r\n\p{L}\p{N}]?`;

/** Expressions of tokenizer.json, letter by letter. */
const EXPRESSIONS: ReadonlyMap<string, Splitting> = new Map([
  [String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, 'gpt-2'],
  [String.raw`${CONTRACTIONS}\p{N}{1,3}${SYMBOLS}`, 'llama-3'],
  [String.raw`${CONTRACTIONS}\p{N}${SYMBOLS}`, 'qwen-2'],
  [
    String.raw`${OTHER}${UPPER}*${LOWER}+|${OTHER}${UPPER}+${LOWER}*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
    'tekken',
  ],
]);

const Split = z.object({
  type: z.literal('Split'),
  pattern: z.object({ Regex: z.string() }),
  behavior: z.literal('Isolated'),
  invert: z.literal(false).default(false),
});
const Digits = z.object({ type: z.literal('Digits'), individual_digits: z.literal(true) });
const ByteLevel = z.object({
  type: z.literal('ByteLevel'),
  add_prefix_space: z.boolean().default(true),
  use_regex: z.boolean().default(true),
});

/** What the steps before the last one, which makes bytes of text, do together with its own expression. */
function splittingOf(before: readonly Step[], hasOwn: boolean, path: string): Splitting {
  const [first, ...more] = before;
  if (more.length > 0)
    throw untokenizable('it splits texts in several steps of a kind that is not known', path);
  if (first === undefined) return hasOwn ? 'gpt-2' : 'none';
  if (hasOwn) {
    if (Digits.safeParse(first).success) return 'digits';
    throw untokenizable(`it splits texts by ${quoteName(first.type)}, and again into words`, path);
  }
  const { data } = Split.safeParse(first);
  const known = data && EXPRESSIONS.get(data.pattern.Regex);
  if (known !== undefined) return known;
  const by = data ? `the expression ${quoteName(data.pattern.Regex)}` : quoteName(first.type);
  throw untokenizable(`it splits texts by ${by}, which llama.cpp does not know`, path);
}

/** How a byte-level tokenizer splits texts, and whether it puts a space before each. */
export interface ByteSplitting {
  readonly splitting: Splitting;
  readonly prefixesSpace: boolean;
}

/** How a byte-level tokenizer splits texts; null where it does not work on bytes. Fails with tokenizer-unsupported. */
export function byteLevelSplitting(
  preTokenizer: Step | null | undefined,
  path: string,
): ByteSplitting | null {
  const steps = stepsOf(preTokenizer, 'pretokenizers');
  const { data: bytes } = ByteLevel.safeParse(steps.at(-1));
  if (!bytes) return null;
  const before = steps.slice(0, -1);
  if (bytes.add_prefix_space && before.length > 0)
    throw untokenizable('it puts a space before every word (add_prefix_space)', path);
  return { splitting: splittingOf(before, bytes.use_regex, path), prefixesSpace: bytes.add_prefix_space };
}
