import { z } from 'zod';
import { quoteName } from '../../../checkpoint/quoteName.ts';
import { type Step, stepsOf, type TokenizerFile, untokenizable } from './tokenizerFile.ts';

/** SentencePiece's sign for a space. */
export const SPACE_SIGN = '▁';

/** Where a tokenizer of SentencePiece puts a space before a text. */
export type SpaceBefore =
  /** Nowhere. */
  | 'never'
  /** Before every part between special tokens, even where there is one: llama.cpp does that itself. */
  | 'always'
  /** Before the text, or every part of it, that does not begin with one. */
  | 'start'
  | 'parts';

const Replace = z.object({
  type: z.literal('Replace'),
  pattern: z.object({ String: z.literal(' ') }),
  content: z.literal(SPACE_SIGN),
});
const Prepend = z.object({ type: z.literal('Prepend'), prepend: z.literal(SPACE_SIGN) });
/** Spaces are signs already when it looks for them. */
const NoSplit = z.object({ type: z.literal('Split'), pattern: z.object({ String: z.literal(' ') }) });
const Metaspace = z.object({
  type: z.literal('Metaspace'),
  replacement: z.literal(SPACE_SIGN),
  prepend_scheme: z.enum(['always', 'first', 'never']).nullish(),
  add_prefix_space: z.boolean().nullish(),
  split: z.boolean().default(true),
});

const SCHEMES = { always: 'parts', first: 'start', never: 'never' } as const;

function byMetaspace(step: Step, path: string): { before: SpaceBefore; splits: boolean } {
  const { data } = Metaspace.safeParse(step);
  if (!data)
    throw untokenizable(`it splits texts by ${quoteName(step.type)}, which llama.cpp does not know`, path);
  const scheme = data.prepend_scheme ?? (data.add_prefix_space === false ? 'never' : 'always');
  return { before: SCHEMES[scheme], splits: data.split };
}

function byNormalizer(steps: readonly Step[], path: string): SpaceBefore {
  const isPrepended = Prepend.safeParse(steps[0]).success;
  const [replace, ...more] = isPrepended ? steps.slice(1) : steps;
  const isReplaced = Replace.safeParse(replace).success && more.length === 0;
  if (isReplaced) return isPrepended ? 'always' : 'never';
  const step = replace ?? steps[0];
  throw untokenizable(
    `it normalises texts by ${quoteName(step?.type ?? 'nothing')}, which llama.cpp does not`,
    path,
  );
}

/** How spaces become signs, and whether texts are split at them. Fails with tokenizer-unsupported for whatever llama.cpp does not do. */
export function spaces(
  normalizers: readonly Step[],
  { pre_tokenizer: preTokenizer }: TokenizerFile,
  path: string,
): { readonly before: SpaceBefore; readonly splits: boolean } {
  const [step, ...more] = stepsOf(preTokenizer, 'pretokenizers');
  if (more.length > 0) throw untokenizable('it splits texts in several steps', path);
  if (step === undefined || NoSplit.safeParse(step).success)
    return { before: byNormalizer(normalizers, path), splits: false };
  const { before, splits } = byMetaspace(step, path);
  if (normalizers.length > 0) throw untokenizable('it turns spaces into signs twice', path);
  return { before, splits };
}
