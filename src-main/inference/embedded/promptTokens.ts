import type { LlamaModel, Token } from 'node-llama-cpp';
import { PolarimeterError } from '../../contract/errors.ts';
import type { GenerationSettings } from '../../contract/evaluator.ts';
import { chatText } from './chatText.ts';

/** How texts become tokens: the tokenizer of the converted model, and what llama.cpp leaves to others. */
export interface Encoder {
  readonly model: LlamaModel;
  readonly normalForm: 'NFC' | 'NFD' | 'NFKC' | 'NFKD' | null;
}

const normalised = ({ normalForm }: Encoder, text: string): string =>
  normalForm === null ? text : text.normalize(normalForm);

/** Names of special tokens in a text stand for those tokens, as in the reference implementation. */
export function plainTokens(encoder: Encoder, text: string): Token[] {
  return encoder.model.tokenize(normalised(encoder, text), true);
}

/** The text after the tokens that the tokenizer puts in front of every text. */
function withFront(encoder: Encoder, text: string): Token[] {
  const { tokens } = encoder.model;
  const front = tokens.shouldPrependBosToken && tokens.bos !== null ? [tokens.bos] : [];
  return [...front, ...plainTokens(encoder, text)];
}

/** fails not-supported where the model has no chat template */
export function promptTokens(
  encoder: Encoder,
  prompt: string,
  template: GenerationSettings['template'],
): Token[] {
  return template === 'chat' ? chatTokens(encoder, prompt) : withFront(encoder, prompt);
}

function chatTokens(encoder: Encoder, prompt: string): Token[] {
  const { model } = encoder;
  const template = model.fileInfo.metadata.tokenizer.chat_template;
  if (template === undefined)
    throw new PolarimeterError('not-supported', 'the model has no chat template: ask it without a template');
  return plainTokens(encoder, chatText(template, prompt, model.tokens));
}
