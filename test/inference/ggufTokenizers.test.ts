import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import { planGguf } from '../../src-main/inference/gguf/planGguf.ts';
import { promptText } from '../../src-main/inference/gguf/promptText.ts';
import { writeGguf } from '../../src-main/inference/gguf/writeGguf.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { llamaBench } from '../fixtures/inference/llamaBench.ts';
import { referenceTokens } from '../fixtures/inference/referenceTokenizer.ts';
import { TEXT_SAMPLE } from '../fixtures/inference/textSample.ts';
import { writeTokenizerModel } from '../fixtures/inference/tokenizerModel.ts';
import {
  byteLevelTokenizer,
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

const TEXT = [
  ...TEXT_SAMPLE,
  readFileSync(new URL('../../CONTRIBUTING.md', import.meta.url), 'utf8').slice(0, 6000),
].join('\n');

const CASELESS = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|`;
const REST = String.raw`| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const UPPER = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const LOWER = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const OTHER = String.raw`[^\r\n\p{L}\p{N}]?`;
const LLAMA_3 = `${CASELESS}\\p{N}{1,3}${REST}`;
const QWEN = `${CASELESS}\\p{N}${REST}`;
const TEKKEN = String.raw`${OTHER}${UPPER}*${LOWER}+|${OTHER}${UPPER}+${LOWER}*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

const bytes = (split: string | null, more: object = {}) =>
  byteLevelTokenizer({ text: TEXT, split, merges: 400, ...more });
const smollm = bytes(null);
const digits = {
  ...smollm,
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [{ type: 'Digits', individual_digits: true }, smollm.pre_tokenizer],
  },
};

const pieces = (steps: keyof typeof SPACE_STEPS) => sentencePieceTokenizer(TEXT, 400, SPACE_STEPS[steps]);

const RUNS = [' ', '\n', '\t', 'a', '='].flatMap((character) =>
  [2, 3, 4, 5, 7, 8, 16, 31, 33].map((length) => `x${character.repeat(length)}y${character.repeat(length)}`),
);
const AROUND = ['<bos>Hello<eos> <tool> world<tool>', '<tool><tool> x', 'a <eos>'];
const TEXTS = [...TEXT_SAMPLE, ...RUNS, ...AROUND];

/** What the converted tokenizer makes of texts. */
async function tokensOf(name: string, tokenizer: unknown, texts: readonly string[]) {
  const at = writeTokenizerModel(join(folder, name), { tokenizer, rows: 2048 });
  const plan = planGguf(openCheckpoint(at), 'stored');
  await writeGguf(plan, `${at}.gguf`, kernels);
  const model = await llama.loadModel({ modelPath: `${at}.gguf`, vocabOnly: true });
  try {
    return texts.map((text) => [...model.tokenize(promptText(text, plan.prompt), true)]);
  } finally {
    await model.dispose();
  }
}

const CASES = [
  ['words of GPT-2', bytes(null)],
  ['digits one by one', digits],
  ['words of Llama 3', bytes(LLAMA_3, { ignoreMerges: true })],
  ['words of Llama 3, merged', bytes(LLAMA_3)],
  ['words of Qwen', bytes(QWEN, { normalizer: { type: 'NFC' } })],
  ['pieces of Llama 2', pieces('llama')],
  ['pieces of Gemma', pieces('gemma')],
  ['pieces of Mistral', pieces('first')],
  ['pieces with a space before each part', pieces('always')],
  ['unigrams', unigramTokenizer(TEXT, 400)],
] as const;

describe('a converted tokenizer', () => {
  it.each(CASES)('makes the same tokens: %s', async (name, tokenizer) => {
    const found = await tokensOf(name, tokenizer, TEXTS);
    const expected = referenceTokens(tokenizer, TEXTS);
    const different = TEXTS.flatMap((text, i) =>
      found[i]?.join() === expected[i]?.join() ? [] : [{ text, found: found[i], expected: expected[i] }],
    );
    expect(different).toEqual([]);
  });

  it('makes the same tokens: words of Mistral Nemo, but of capitals and marks beyond ASCII', async () => {
    const tokenizer = bytes(TEKKEN, { ignoreMerges: true });
    const texts = TEXTS.filter((text) => !/[\p{Lu}\p{M}]/u.test(text.replace(/[A-Z]/g, '')));
    expect(await tokensOf('tekken', tokenizer, texts)).toEqual(referenceTokens(tokenizer, texts));
  });
});
