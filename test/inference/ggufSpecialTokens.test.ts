import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import { planGguf } from '../../src-main/inference/gguf/planGguf.ts';
import { promptText } from '../../src-main/inference/gguf/promptText.ts';
import { writeGguf } from '../../src-main/inference/gguf/writeGguf.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { caught } from '../fixtures/caught.ts';
import { SMALL_TOKENIZER } from '../fixtures/inference/familyModel.ts';
import { llamaBench } from '../fixtures/inference/llamaBench.ts';
import { type TokenizerSource, writeTokenizerModel } from '../fixtures/inference/tokenizerModel.ts';
import {
  sentencePieceTokenizer,
  SPACE_STEPS,
  unigramTokenizer,
} from '../fixtures/inference/trainedTokenizers.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const folder = tempFolder();
const llama = await llamaBench();
const kernels = new Kernels();
afterAll(() => {
  kernels[Symbol.dispose]();
});

let count = 0;
const fresh = (): string => join(folder, String((count += 1)));

const template = (...around: (string | null)[]) => ({
  type: 'TemplateProcessing',
  single: around.map((id) => (id === null ? { Sequence: { id: 'A' } } : { SpecialToken: { id } })),
});

/** What llama.cpp has of the tokenizer after conversion. */
async function special(source: Partial<TokenizerSource>, files: Readonly<Record<string, string>> = {}) {
  const at = writeTokenizerModel(fresh(), { tokenizer: SMALL_TOKENIZER, rows: 64, ...source });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(at, name), content);
  await writeGguf(planGguf(openCheckpoint(at), 'stored'), `${at}.gguf`, kernels);
  const model = await llama.loadModel({ modelPath: `${at}.gguf`, vocabOnly: true });
  const { tokens, fileInfo } = model;
  const { bos, eos, shouldPrependBosToken, shouldAppendEosToken } = tokens;
  const isEnd = [60, 61, 62, 63].filter((id) => model.isEogToken(id as never));
  const chat = fileInfo.metadata.tokenizer.chat_template ?? null;
  await model.dispose();
  return { bos, eos, isEnd, before: shouldPrependBosToken, after: shouldAppendEosToken, chat };
}

describe('tokens around texts', () => {
  it('are those of the post-processor', async () => {
    const ids = { bos_token_id: 60, eos_token_id: 61 };
    const with_ = (post_processor: unknown) => ({
      tokenizer: { ...SMALL_TOKENIZER, post_processor },
      fields: ids,
    });
    expect(await special(with_(null))).toMatchObject({ bos: 60, eos: 61, before: false, after: false });
    expect(await special(with_(template('<bos>', null)))).toMatchObject({ before: true, after: false });
    expect(await special(with_(template('<bos>', null, '<eos>')))).toMatchObject({
      before: true,
      after: true,
    });
    const sequence = { type: 'Sequence', processors: [{ type: 'ByteLevel' }, template('<bos>', null)] };
    expect(await special(with_(sequence))).toMatchObject({ before: true, after: false });
  });

  it('are those of the configuration where the class of the tokenizer says so', async () => {
    const tokenizer = { ...SMALL_TOKENIZER, post_processor: template('<bos>', null) };
    const config = { tokenizer_class: 'LlamaTokenizer', bos_token: '<bos>', eos_token: { content: '<eos>' } };
    const without = { ...config, add_bos_token: false, add_eos_token: true };
    expect(await special({ tokenizer, config })).toMatchObject({
      bos: 60,
      eos: 61,
      before: true,
      after: false,
    });
    expect(await special({ tokenizer, config: without })).toMatchObject({ before: false, after: true });
  });
});

describe('ends of answers', () => {
  it('are those of generation_config.json, then of config.json', async () => {
    const fields = { eos_token_id: 61 };
    expect((await special({ fields })).isEnd).toEqual([61]);
    const generation = { 'generation_config.json': JSON.stringify({ eos_token_id: [62, 61, 60] }) };
    expect((await special({ fields }, generation)).isEnd).toEqual([60, 61, 62]);
  });
});

describe('ends of answers that llama.cpp does not know, or knows by their texts alone', () => {
  it('are told by the plan', () => {
    const added = ['<bos>', '<eos>', '<|im_end|>'].map((content, i) => ({
      id: 60 + i,
      content,
      special: true,
    }));
    const tokenizer = { ...SMALL_TOKENIZER, added_tokens: added };
    const ends = (eos_token_id: unknown) => {
      const at = writeTokenizerModel(fresh(), { tokenizer, rows: 64, fields: { eos_token_id } });
      return planGguf(openCheckpoint(at), 'stored').ends;
    };
    expect(ends(61)).toEqual([61]);
    expect(ends([60, 61, 62, 5])).toEqual([60, 61, 62, 5]);
    expect(ends(undefined)).toEqual([]);
  });
});

describe('the chat template', () => {
  it('comes from its own file, or from tokenizer_config.json, by the name "default" where there are several', async () => {
    expect((await special({})).chat).toBeNull();
    const named = [
      { name: 'tool_use', template: 'T' },
      { name: 'default', template: 'D' },
    ];
    expect((await special({ config: { chat_template: named } })).chat).toBe('D');
    expect((await special({ config: { chat_template: 'C' } })).chat).toBe('C');
    expect((await special({ config: { chat_template: 'C' } }, { 'chat_template.jinja': 'J' })).chat).toBe(
      'J',
    );
  });
});

const byteLevel = (fields: object) => ({ ...SMALL_TOKENIZER, ...fields });
const model = (fields: object) => byteLevel({ model: { ...SMALL_TOKENIZER.model, ...fields } });
const split = (Regex: string) => ({
  type: 'Sequence',
  pretokenizers: [
    { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false },
    { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
  ],
});
const pieces = sentencePieceTokenizer('some words\nsome more words\nwords and words', 20, SPACE_STEPS.gemma);
const piecesModel = (fields: object) => ({ ...pieces, model: { ...pieces.model, ...fields } });
/** The second way to make some token comes after all others. */
function scattered(merges: readonly (readonly [string, string])[]) {
  const again = merges.findIndex((merge, i) => i > 0 && merges[i - 1]?.join('') === merge.join(''));
  return [...merges.slice(0, again), ...merges.slice(again + 1), ...merges.slice(again, again + 1)];
}
const { '<0xFF>': _, ...withoutByte } = pieces.model.vocab;
const unigrams = unigramTokenizer('some words\nsome more words', 20);

describe('a tokenizer is refused', () => {
  it.each([
    [
      'of another model',
      model({ type: 'WordPiece' }),
      'its model is "WordPiece"; BPE and Unigram can be run',
    ],
    ['with numbers that are none', model({ vocab: { a: -1 } }), 'field "model": '],
    ['with more tokens than rows', model({ vocab: { a: 64 } }), 'number 64, the embedding has 64 rows'],
    [
      'with a text twice',
      byteLevel({ added_tokens: [{ id: 62, content: 'A' }] }),
      'two tokens have the text "A"',
    ],
    [
      'with tokens that strip',
      byteLevel({ added_tokens: [{ id: 62, content: '<m>', lstrip: true }] }),
      'token "<m>" takes what is around it into account (lstrip)',
    ],
    ['that normalises', byteLevel({ normalizer: { type: 'Lowercase' } }), 'normalises texts by "Lowercase"'],
    ['with another expression', byteLevel({ pre_tokenizer: split('\\w+') }), 'the expression "\\w+"'],
    ['that splits otherwise', byteLevel({ pre_tokenizer: { type: 'Whitespace' } }), 'works neither on bytes'],
    [
      'that merges whole texts',
      model({ merges: ['A B'], vocab: { A: 0, B: 1, AB: 2 } }),
      'use_regex is false',
    ],
    ['with marks of parts', model({ continuing_subword_prefix: '##' }), 'marks parts of words by "##"'],
    [
      'with several tokens before texts',
      byteLevel({ post_processor: template('<bos>', '<bos>', null) }),
      'several tokens before or after every text',
    ],
    [
      'with another processor',
      byteLevel({ post_processor: { type: 'BertProcessing' } }),
      'tokens by "BertProcessing"',
    ],
    ['with a token around texts that is none', byteLevel({ post_processor: template('<x>', null) }), '"<x>"'],
    ['of pieces, without a byte', piecesModel({ vocab: withoutByte }), 'no token <0xFF> for that byte'],
    ['of pieces, merging less than llama.cpp', piecesModel({ merges: [] }), 'it does not merge "'],
    [
      'of pieces, with a merge to nothing',
      piecesModel({ merges: [['w', 'x']] }),
      'makes "wx", which is no token',
    ],
    [
      'of pieces, in another order',
      piecesModel({ merges: scattered(pieces.model.merges) }),
      'do not follow one order of tokens',
    ],
    [
      'of pieces, split at spaces',
      { ...pieces, normalizer: null, pre_tokenizer: { ...SPACE_STEPS.first.pre_tokenizer, split: true } },
      'splits texts at spaces',
    ],
    [
      'of unigrams with bytes',
      { ...unigrams, model: { ...unigrams.model, byte_fallback: true } },
      'with bytes for unknown',
    ],
    [
      'of unigrams without a token for others',
      { ...unigrams, model: { ...unigrams.model, unk_id: null } },
      'no token for unknown',
    ],
  ])('%s', (_title, tokenizer, message) => {
    const at = writeTokenizerModel(fresh(), { tokenizer, rows: message.includes('64 rows') ? 64 : 2048 });
    const error = caught(() => planGguf(openCheckpoint(at), 'stored'));
    expect(error.code).toBe('tokenizer-unsupported');
    expect(error.message).toContain(message);
  });

  it('that is no JSON', () => {
    const at = writeTokenizerModel(fresh(), { tokenizer: SMALL_TOKENIZER, rows: 64 });
    writeFileSync(join(at, 'tokenizer.json'), '{');
    expect(caught(() => planGguf(openCheckpoint(at), 'stored')).code).toBe('tokenizer-unsupported');
  });
});

describe('a prompt', () => {
  it('is brought to the normal form, and gets a space where the tokenizer puts one', () => {
    const form = { normalForm: 'NFC', leadingSpace: 'never', tokens: [] } as const;
    expect(promptText('e\u0301', form)).toBe('\u00e9');
    const start = { normalForm: null, leadingSpace: 'start', tokens: ['<s>', '[I]'] } as const;
    expect(promptText('a[I]b', start)).toBe(' a[I]b');
    expect(promptText('[I]b', start)).toBe('[I]b');
    expect(promptText(' a', start)).toBe(' a');
    expect(promptText('', start)).toBe('');
    const parts = { ...start, leadingSpace: 'parts' } as const;
    expect(promptText('a[I]b<s> c[I][I]d', parts)).toBe(' a[I] b<s> c[I][I] d');
  });
});
