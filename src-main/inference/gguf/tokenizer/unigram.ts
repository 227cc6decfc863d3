import { z } from 'zod';
import { bool, f32s, type GgufEntries, i32s, text, texts, u8s } from '../ggufValues.ts';
import type { ConversionContext, ConvertedVocabulary } from './ConvertedTokenizer.ts';
import { promptForm } from './sentencePiece.ts';
import { SPACE_SIGN, spaces } from './spaces.ts';
import { stepsOf, type TokenizerFile, type UnigramModel, untokenizable } from './tokenizerFile.ts';
import { TOKEN_KIND, vocabulary } from './vocabulary.ts';

const Precompiled = z.object({ type: z.literal('Precompiled'), precompiled_charsmap: z.base64() });

/** A split at spaces makes no difference where no token goes on over one. */
function checkSplits({ vocab }: UnigramModel, path: string): void {
  const over = vocab.find(([token]) => token.lastIndexOf(SPACE_SIGN) > 0);
  if (over)
    throw untokenizable(`it splits texts at spaces, though token "${over[0]}" goes on over one`, path);
}

/** The most probable way to make a text of tokens, as SentencePiece's unigram models have it. Fails with tokenizer-unsupported. */
export function unigram(
  file: TokenizerFile & { readonly model: UnigramModel },
  context: ConversionContext,
): ConvertedVocabulary {
  const { model, added_tokens: added } = file;
  const { path } = context;
  if (model.byte_fallback === true)
    throw untokenizable('unigram models with bytes for unknown characters cannot be run', path);
  const unknown = model.unk_id ?? null;
  if (unknown === null || unknown >= model.vocab.length)
    throw untokenizable('its unigram model has no token for unknown characters', path);
  const normalizers = stepsOf(file.normalizer, 'normalizers');
  const { data: precompiled } = Precompiled.safeParse(normalizers[0]);
  const { before, splits } = spaces(precompiled ? normalizers.slice(1) : normalizers, file, path);
  if (splits) checkSplits(model, path);
  const entries = model.vocab.map(([token], id) => [token, id] as const);
  const { texts: tokens, kinds } = vocabulary(entries, added, context);
  kinds[unknown] = TOKEN_KIND.unknown;
  const metadata: GgufEntries = [
    ['tokenizer.ggml.model', text('t5')],
    ['tokenizer.ggml.pre', text('default')],
    ['tokenizer.ggml.tokens', texts(tokens)],
    ['tokenizer.ggml.scores', f32s(tokens.map((_, id) => model.vocab[id]?.[1] ?? 0))],
    ['tokenizer.ggml.token_type', i32s(kinds)],
    ['tokenizer.ggml.add_space_prefix', bool(before === 'always')],
    ['tokenizer.ggml.remove_extra_whitespaces', bool(false)],
    ...(precompiled
      ? [
          [
            'tokenizer.ggml.precompiled_charsmap',
            u8s(Buffer.from(precompiled.precompiled_charsmap, 'base64')),
          ] as const,
        ]
      : []),
  ];
  const ids = new Map(tokens.map((each, id) => [each, id]));
  return { metadata, ids, unknown, prompt: promptForm(before, added), warnings: [] };
}
