import { z } from 'zod';
import { isJsonFields, type JsonFields } from '../../../checkpoint/readJsonFields.ts';
import { quoteName } from '../../../checkpoint/quoteName.ts';
import { PolarimeterError } from '../../../contract/errors.ts';

/** A step of normalising, splitting or post-processing: a type and its parameters. */
export const Step = z.looseObject({ type: z.string() });
export type Step = z.infer<typeof Step>;

export const AddedToken = z.object({
  id: z.number().int().nonnegative(),
  content: z.string().min(1),
  special: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  single_word: z.boolean().default(false),
});
export type AddedToken = z.infer<typeof AddedToken>;

type Numbers = Readonly<Record<string, number>>;
type Merges = readonly (string | readonly [string, string])[];

const isNumber = (id: unknown): boolean => typeof id === 'number' && Number.isSafeInteger(id) && id >= 0;
const isPair = (merge: unknown): boolean =>
  Array.isArray(merge) && merge.length === 2 && merge.every((part) => typeof part === 'string');

/** Hundreds of thousands of entries: checked by hand, which takes a tenth of the time. */
const isVocabulary = (value: unknown): boolean => isJsonFields(value) && Object.values(value).every(isNumber);
const isMerges = (value: unknown): boolean =>
  Array.isArray(value) && value.every((merge) => typeof merge === 'string' || isPair(merge));

const Bpe = z.object({
  type: z.literal('BPE').default('BPE'),
  vocab: z.custom<Numbers>(isVocabulary, 'must give every token a number'),
  merges: z.custom<Merges>(isMerges, 'must be pairs of tokens'),
  unk_token: z.string().nullish(),
  continuing_subword_prefix: z.string().nullish(),
  end_of_word_suffix: z.string().nullish(),
  fuse_unk: z.boolean().nullish(),
  byte_fallback: z.boolean().nullish(),
  ignore_merges: z.boolean().nullish(),
});
export type BpeModel = z.infer<typeof Bpe>;

const isScored = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every(
    (entry) =>
      Array.isArray(entry) && typeof entry[0] === 'string' && Number.isFinite(entry[1]) && entry.length === 2,
  );

const Unigram = z.object({
  type: z.literal('Unigram'),
  unk_id: z.number().int().nonnegative().nullish(),
  vocab: z.custom<readonly (readonly [string, number])[]>(isScored, 'must give every token a score'),
  byte_fallback: z.boolean().nullish(),
});
export type UnigramModel = z.infer<typeof Unigram>;

const File = z.object({
  added_tokens: z.array(AddedToken).default([]),
  normalizer: Step.nullish(),
  pre_tokenizer: Step.nullish(),
  post_processor: Step.nullish(),
  model: z.union([Unigram, Bpe]),
});
/** tokenizer.json, as far as tokens depend on it. */
export type TokenizerFile = z.infer<typeof File>;

/** An error about tokenizer.json. */
export const untokenizable = (what: string, path: string): PolarimeterError =>
  new PolarimeterError('tokenizer-unsupported', `tokenizer.json: ${what}`, path);

/** Checks the fields of tokenizer.json. Fails with tokenizer-unsupported. */
export function tokenizerFile(fields: JsonFields, path: string): TokenizerFile {
  const model = z.looseObject({ type: z.string().default('BPE') }).safeParse(fields['model']);
  const type = model.data?.type ?? 'of no type';
  if (type !== 'BPE' && type !== 'Unigram')
    throw untokenizable(`its model is ${quoteName(type)}; BPE and Unigram can be run`, path);
  const { success, data, error } = File.safeParse(fields);
  if (success) return data;
  const [issue] = error.issues;
  throw untokenizable(
    `field ${quoteName(issue?.path.map(String).join('.') ?? '')}: ${issue?.message ?? 'is invalid'}`,
    path,
  );
}

/** Sequences inside each other; real ones have one. */
const MOST_NESTED = 16;

/** The steps of a pipeline, sequences taken apart; of what is nested beyond all measure, the sequence itself. */
export function stepsOf(
  step: Step | null | undefined,
  list: 'normalizers' | 'pretokenizers' | 'processors',
  depth = 0,
): Step[] {
  if (!step) return [];
  if (step.type !== 'Sequence' || depth === MOST_NESTED) return [step];
  const { data } = z.array(Step).safeParse(step[list]);
  return data ? data.flatMap((each) => stepsOf(each, list, depth + 1)) : [step];
}
