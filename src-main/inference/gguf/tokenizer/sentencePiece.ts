import { quoteName } from '../../../checkpoint/quoteName.ts';
import { bool, f32s, type GgufEntries, i32s, text, texts } from '../ggufValues.ts';
import { PLAIN_PROMPT, type PromptForm } from '../promptText.ts';
import type { ConversionContext, ConvertedVocabulary } from './ConvertedTokenizer.ts';
import { type Merge, mergeScores } from './mergeScores.ts';
import { SPACE_SIGN, type SpaceBefore, spaces } from './spaces.ts';
import {
  type AddedToken,
  type BpeModel,
  stepsOf,
  type TokenizerFile,
  untokenizable,
} from './tokenizerFile.ts';
import { TOKEN_KIND, vocabulary } from './vocabulary.ts';

const BYTE_TOKEN = /^<0x[0-9A-F]{2}>$/;
/** Lower than every score of a merge; only tokens that no merge makes have it. */
const UNMERGED = -1e6;

export function splitMerge(merge: string | readonly [string, string], path: string): Merge {
  if (typeof merge !== 'string') return merge;
  const [left, right, ...more] = merge.split(' ');
  if (left === undefined || right === undefined || more.length > 0)
    throw untokenizable(`merge ${quoteName(merge)} is not two tokens`, path);
  return [left, right];
}

/** Every byte must have a token, which stands for it where a character has none; ASCII may have its own, as tabs of Gemma. */
function checkBytes(vocab: BpeModel['vocab'], path: string): void {
  for (let byte = 0; byte < 256; byte += 1) {
    const token = `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
    const isOwn = byte < 0x80 && Object.hasOwn(vocab, String.fromCharCode(byte));
    if (!isOwn && !Object.hasOwn(vocab, token))
      throw untokenizable(`it has no token ${token} for that byte`, path);
  }
}

export function promptForm(before: SpaceBefore, added: readonly AddedToken[]): PromptForm {
  if (before === 'never' || before === 'always') return PLAIN_PROMPT;
  return { normalForm: null, leadingSpace: before, tokens: added.map(({ content }) => content) };
}

/** What a token is. Added ones with signs of spaces are merged in any case, and shown as spaces only if they are normal ones. */
function kindOf(
  token: string,
  kind: number,
  { unknown, merged }: { unknown: string | null; merged: ReadonlySet<string> },
): number {
  if (token === unknown) return TOKEN_KIND.unknown;
  if (kind === TOKEN_KIND.normal && BYTE_TOKEN.test(token)) return TOKEN_KIND.byte;
  const isSpaces = kind === TOKEN_KIND.userDefined && token.includes(SPACE_SIGN) && merged.has(token);
  return isSpaces ? TOKEN_KIND.normal : kind;
}

/** BPE over characters with bytes for those without a token, as SentencePiece has it: Llama 2, Mistral, Gemma. Fails with tokenizer-unsupported. */
export function sentencePiece(
  file: TokenizerFile & { readonly model: BpeModel },
  context: ConversionContext,
): ConvertedVocabulary {
  const { model, added_tokens: added } = file;
  const { path } = context;
  const { before, splits } = spaces(stepsOf(file.normalizer, 'normalizers'), file, path);
  if (splits) throw untokenizable('it splits texts at spaces before merging', path);
  if (model.ignore_merges === true)
    throw untokenizable('it takes texts that are tokens whole (ignore_merges)', path);
  checkBytes(model.vocab, path);
  const { texts: tokens, kinds } = vocabulary(Object.entries(model.vocab), added, context);
  const merges = model.merges.map((merge) => splitMerge(merge, path));
  const scores = mergeScores(new Set(Object.keys(model.vocab)), merges, path);
  const merged = new Set(scores.keys());
  const of = { unknown: model.unk_token ?? null, merged };
  const metadata: GgufEntries = [
    ['tokenizer.ggml.model', text('llama')],
    ['tokenizer.ggml.pre', text('default')],
    ['tokenizer.ggml.tokens', texts(tokens)],
    ['tokenizer.ggml.scores', f32s(tokens.map((token) => scores.get(token) ?? UNMERGED))],
    ['tokenizer.ggml.token_type', i32s(kinds.map((kind, id) => kindOf(tokens[id] ?? '', kind, of)))],
    ['tokenizer.ggml.add_space_prefix', bool(before === 'always')],
  ];
  const ids = new Map(tokens.map((each, id) => [each, id]));
  const signs = added.some(({ content, special }) => !special && content.includes(SPACE_SIGN));
  const warning = `${SPACE_SIGN}${SPACE_SIGN} in a prompt is taken for spaces, by this tokenizer for a token of its own`;
  return {
    metadata,
    ids,
    unknown: ids.get(of.unknown ?? '') ?? null,
    prompt: promptForm(before, added),
    warnings: signs ? [warning] : [],
  };
}
