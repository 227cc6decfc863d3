import type { LlamaModel, Token } from 'node-llama-cpp';
import { PolarimeterError } from '../../contract/errors.ts';
import type { GenerationSettings } from '../../contract/evaluator.ts';
import { promptText, type PromptForm } from '../gguf/promptText.ts';
import { chatText } from './chatText.ts';

/** How texts become tokens: the tokenizer of the converted model, and what llama.cpp leaves to others. */
export interface Encoder {
  readonly model: LlamaModel;
  readonly form: PromptForm;
}

/** Names of special tokens in a text stand for those tokens, as in the reference implementation. */
function plainTokens({ model, form }: Encoder, text: string): Token[] {
  return model.tokenize(promptText(text, form), true);
}

/** The text after the tokens that the tokenizer puts in front of every text. */
function withFront(encoder: Encoder, text: string): Token[] {
  const { tokens } = encoder.model;
  const front = tokens.shouldPrependBosToken && tokens.bos !== null ? [tokens.bos] : [];
  return [...front, ...plainTokens(encoder, text)];
}

/** A prompt, and what follows it, as one text. fails not-supported where the model has no chat template */
export function promptTokens(
  encoder: Encoder,
  prompt: string,
  template: GenerationSettings['template'],
  continuation = '',
): Token[] {
  return template === 'chat'
    ? plainTokens(encoder, `${chat(encoder, prompt)}${continuation}`)
    : withFront(encoder, `${prompt}${continuation}`);
}

function chat({ model }: Encoder, prompt: string): string {
  const template = model.fileInfo.metadata.tokenizer.chat_template;
  if (template === undefined)
    throw new PolarimeterError('not-supported', 'the model has no chat template: ask it without a template');
  return chatText(template, prompt, model.tokens);
}
