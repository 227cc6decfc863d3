import { z } from 'zod';
import { quoteName } from '../../../checkpoint/quoteName.ts';
import { i32s, text, texts, type GgufEntries } from '../ggufValues.ts';
import type { NormalForm } from '../promptText.ts';
import type { ConversionContext, ConvertedVocabulary } from './ConvertedTokenizer.ts';
import type { ByteSplitting, Splitting } from './preTokenizer.ts';
import { type BpeModel, stepsOf, type TokenizerFile, untokenizable } from './tokenizerFile.ts';
import { vocabulary } from './vocabulary.ts';

/** A way of llama.cpp to split texts into words, and what it does besides. */
interface PreType {
  readonly name: string;
  /** A word that is a token is taken whole, whatever the merges would make of it. */
  readonly ignoresMerges: boolean;
  /** Spaces before punctuation are removed from decoded text. */
  readonly cleansSpaces: boolean;
}

const type = (name: string, ignoresMerges: boolean, cleansSpaces: boolean): PreType => ({
  name,
  ignoresMerges,
  cleansSpaces,
});

/** Names of llama.cpp by what they do, read off its llama-vocab.cpp. */
const PRE_TYPES: Readonly<Record<Splitting, readonly PreType[]>> = {
  // Without merges every byte is a token of its own, wherever words end.
  none: [type('qwen2', false, false), type('gpt-2', false, true)],
  'gpt-2': [type('trillion', false, false), type('gpt-2', false, true)],
  digits: [type('smollm', false, false), type('starcoder', false, true)],
  'llama-3': [type('llama-bpe', true, true), type('smaug-bpe', false, true)],
  'qwen-2': [type('qwen2', false, false), type('stablelm2', false, true)],
  tekken: [type('tekken', true, false)],
};

const FORMS = z.enum(['NFC', 'NFD', 'NFKC', 'NFKD']);

function normalFormOf({ normalizer }: TokenizerFile, path: string): NormalForm | null {
  const [step, ...more] = stepsOf(normalizer, 'normalizers');
  if (step === undefined) return null;
  const { data } = FORMS.safeParse(step.type);
  if (data !== undefined && more.length === 0) return data;
  throw untokenizable(`it normalises texts by ${quoteName(step.type)}, which llama.cpp does not`, path);
}

function checkModel(model: BpeModel, splitting: Splitting, path: string): void {
  const affix = model.continuing_subword_prefix ?? model.end_of_word_suffix ?? '';
  if (affix !== '') throw untokenizable(`it marks parts of words by ${quoteName(affix)}`, path);
  if (splitting === 'none' && model.merges.length > 0)
    throw untokenizable(
      'it merges over whole texts without splitting them into words (use_regex is false)',
      path,
    );
}

const parts = (merge: string | readonly [string, string]): string =>
  typeof merge === 'string' ? merge : merge.join(' ');

/** llama.cpp's version of this expression knows neither capitals beyond ASCII nor marks that combine. */
const TEKKEN_WARNING =
  'words with capitals beyond ASCII or combining marks may be split otherwise by llama.cpp than by this tokenizer';

function warningsOf(splitting: Splitting, pre: PreType, cleansSpaces: boolean): string[] {
  const removes = 'llama.cpp removes spaces before punctuation from answers, this tokenizer does not';
  const keeps = 'llama.cpp keeps spaces before punctuation in answers, this tokenizer removes them';
  return [
    ...(splitting === 'tekken' ? [TEKKEN_WARNING] : []),
    ...(pre.cleansSpaces === cleansSpaces ? [] : [cleansSpaces ? keeps : removes]),
  ];
}

/** The way of llama.cpp that does the same as a tokenizer. */
function preTypeOf(
  model: BpeModel,
  splitting: Splitting,
  { cleansSpaces, path }: ConversionContext,
): PreType {
  const ignoresMerges = model.ignore_merges ?? false;
  const types = PRE_TYPES[splitting].filter((each) => each.ignoresMerges === ignoresMerges);
  const pre = types.find((each) => each.cleansSpaces === cleansSpaces) ?? types[0];
  if (pre) return pre;
  const how = ignoresMerges ? 'takes words that are tokens whole' : 'merges words that are tokens';
  throw untokenizable(`it splits texts like ${splitting} and ${how} (ignore_merges)`, path);
}

/** Byte-level BPE as GPT-2 has it. Fails with tokenizer-unsupported. */
export function byteLevel(
  file: TokenizerFile & { readonly model: BpeModel },
  { splitting, prefixesSpace }: ByteSplitting,
  context: ConversionContext,
): ConvertedVocabulary {
  const { model, added_tokens: added } = file;
  const { path, cleansSpaces } = context;
  checkModel(model, splitting, path);
  const pre = preTypeOf(model, splitting, context);
  const { texts: tokens, kinds } = vocabulary(Object.entries(model.vocab), added, context);
  const metadata: GgufEntries = [
    ['tokenizer.ggml.model', text('gpt2')],
    ['tokenizer.ggml.pre', text(pre.name)],
    ['tokenizer.ggml.tokens', texts(tokens)],
    ['tokenizer.ggml.token_type', i32s(kinds)],
    ['tokenizer.ggml.merges', texts(model.merges.map(parts))],
  ];
  return {
    metadata,
    ids: new Map(tokens.map((each, id) => [each, id])),
    unknown: null,
    prompt: {
      normalForm: normalFormOf(file, path),
      leadingSpace: prefixesSpace ? 'parts' : 'never',
      tokens: prefixesSpace ? added.map(({ content }) => content) : [],
    },
    warnings: warningsOf(splitting, pre, cleansSpaces),
  };
}
