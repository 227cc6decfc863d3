import { text } from '../ggufValues.ts';
import type { ModelFiles } from '../modelFiles.ts';
import { byteLevel, type ConvertedTokenizer } from './byteLevel.ts';
import { byteLevelSplitting } from './preTokenizer.ts';
import { specialTokens } from './specialTokens.ts';
import { tokenizerFile, untokenizable } from './tokenizerFile.ts';

/**
 * The tokenizer of a model as llama.cpp has it, with its special tokens and chat template.
 * Fails with tokenizer-unsupported for whatever llama.cpp would do otherwise.
 * @param rows of the embedding
 */
export function convertTokenizer(files: ModelFiles, rows: number): ConvertedTokenizer {
  const { tokenizer, tokenizerPath: path, tokenizerConfig, chatTemplate } = files;
  const file = tokenizerFile(tokenizer, path);
  const cleansSpaces = tokenizerConfig['clean_up_tokenization_spaces'] === true;
  const { model } = file;
  if (model.type !== 'BPE') throw untokenizable('Unigram', path);
  const splitting = byteLevelSplitting(file.pre_tokenizer, path);
  if (splitting === null) throw untokenizable('not bytes', path);
  const converted = byteLevel({ ...file, model }, splitting, { rows, path, cleansSpaces });
  const special = specialTokens(files, file.post_processor, converted.ids);
  const template = chatTemplate === null ? [] : [['tokenizer.chat_template', text(chatTemplate)] as const];
  return { ...converted, metadata: [...converted.metadata, ...special, ...template] };
}
