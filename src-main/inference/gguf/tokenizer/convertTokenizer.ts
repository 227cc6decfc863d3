import { dirname } from 'node:path';
import { z } from 'zod';
import { readJsonFields } from '../../../checkpoint/readJsonFields.ts';
import { PolarimeterError } from '../../../contract/errors.ts';
import { fileIdentity } from '../../../tensors/fileIdentity.ts';
import { text } from '../ggufValues.ts';
import type { ModelFiles } from '../modelFiles.ts';
import { byteLevel } from './byteLevel.ts';
import type { ConversionContext, ConvertedTokenizer, ConvertedVocabulary } from './ConvertedTokenizer.ts';
import { byteLevelSplitting } from './preTokenizer.ts';
import { sentencePiece } from './sentencePiece.ts';
import { specialTokens } from './specialTokens.ts';
import { AddedToken, tokenizerFile, type TokenizerFile, untokenizable } from './tokenizerFile.ts';
import { unigram } from './unigram.ts';

/** The largest tokenizers in use have some 35 MB. */
const LARGEST_TOKENIZER = 256_000_000;

const Declared = z.record(z.string().regex(/^\d{1,9}$/), AddedToken.omit({ id: true }));

/** Tokens that tokenizer_config.json adds to those of tokenizer.json. */
function withDeclared(file: TokenizerFile, { tokenizerConfig }: ModelFiles): TokenizerFile {
  const { data: declared = {} } = Declared.safeParse(tokenizerConfig['added_tokens_decoder']);
  const known = new Set(file.added_tokens.map(({ content }) => content));
  const more = Object.entries(declared).map(([id, token]) => ({ ...token, id: Number(id) }));
  return {
    ...file,
    added_tokens: [...file.added_tokens, ...more.filter(({ content }) => !known.has(content))],
  };
}

function convert(file: TokenizerFile, context: ConversionContext): ConvertedVocabulary {
  const { model } = file;
  if (model.type === 'Unigram') return unigram({ ...file, model }, context);
  const splitting = byteLevelSplitting(file.pre_tokenizer, context.path);
  if (splitting !== null) return byteLevel({ ...file, model }, splitting, context);
  if (model.byte_fallback === true) return sentencePiece({ ...file, model }, context);
  throw untokenizable('it works neither on bytes nor falls back to them', context.path);
}

function convertFile(files: ModelFiles, rows: number): ConvertedTokenizer {
  const { tokenizerPath: path, tokenizerConfig, chatTemplate } = files;
  const tokenizer = readJsonFields(path, LARGEST_TOKENIZER, 'tokenizer-unsupported');
  const file = withDeclared(tokenizerFile(tokenizer, path), files);
  const cleansSpaces = tokenizerConfig['clean_up_tokenization_spaces'] === true;
  const { metadata, prompt, warnings, ...tokens } = convert(file, { rows, path, cleansSpaces });
  const special = specialTokens(files, file.post_processor, tokens);
  const template = chatTemplate === null ? [] : [['tokenizer.chat_template', text(chatTemplate)] as const];
  return { metadata: [...metadata, ...special.metadata, ...template], prompt, warnings, ends: special.ends };
}

/** Everything that a conversion depends on. */
function keyOf(files: ModelFiles, rows: number): string {
  const { dev, ino, size, mtimeNs } = fileIdentity(files.tokenizerPath);
  const identity = [dev, ino, size, mtimeNs].map(String);
  try {
    return JSON.stringify([files, identity, rows]);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const what = 'a configuration beside the weights is nested too deeply';
    throw new PolarimeterError('config-invalid', what, dirname(files.tokenizerPath));
  }
}

/** The last one: recipes of one model, planned one after the other, have the same, and Gemma's takes seconds to check. */
let last: { readonly key: string; readonly converted: ConvertedTokenizer } | null = null;

/**
 * The tokenizer of a model as llama.cpp has it, with its special tokens and chat template.
 * Fails with tokenizer-unsupported for whatever llama.cpp would do otherwise.
 * @param rows of the embedding
 */
export function convertTokenizer(files: ModelFiles, rows: number): ConvertedTokenizer {
  const key = keyOf(files, rows);
  if (last?.key !== key) last = { key, converted: convertFile(files, rows) };
  return last.converted;
}
