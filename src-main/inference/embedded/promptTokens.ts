import type { LlamaModel, Token } from 'node-llama-cpp';
import { PolarimeterError } from '../../contract/errors.ts';
import type { GenerationSettings } from '../../contract/evaluator.ts';
import { promptText } from '../gguf/promptText.ts';
import type { PromptForm } from '../gguf/promptText.ts';
import { chatText } from './chatText.ts';

/** How texts become tokens: the tokenizer of the converted model, and what llama.cpp leaves to others. */
export interface Encoder {
  readonly model: LlamaModel;
  readonly form: PromptForm;
}

/** What a model is asked: a prompt, and the beginning of an answer that is given. */
export interface Asked {
  readonly prompt: string;
  readonly template: GenerationSettings['template'];
  readonly answer?: string;
}

/**
 * Without a template the text comes after the tokens that the tokenizer puts in front; a template has them in itself. Names of special tokens
 * in a text stand for those tokens, as in the reference implementation. fails not-supported where the model has no chat template
 */
export function promptTokens({ model, form }: Encoder, { prompt, template, answer = '' }: Asked): Token[] {
  const { bos, shouldPrependBosToken } = model.tokens;
  const text = template === 'chat' ? chatText(chatTemplate(model), prompt, model.tokens) : prompt;
  const tokens = model.tokenize(promptText(`${text}${answer}`, form), true);
  return template === 'none' && shouldPrependBosToken && bos !== null ? [bos, ...tokens] : tokens;
}

function chatTemplate(model: LlamaModel): string {
  const template = model.fileInfo.metadata.tokenizer.chat_template;
  if (template !== undefined) return template;
  throw new PolarimeterError(
    'not-supported',
    'the model has no chat template',
    null,
    'ask it with --template none, or copy the chat template of its base into its folder',
  );
}
