import { Template } from '@huggingface/jinja';
import { PolarimeterError } from '../../contract/errors.ts';

/** Some templates put today into the prompt. Answers would then be others tomorrow: they get the day that Llama's writes where it knows none. */
const TODAY = '26 Jul 2024';

export interface TemplateTokens {
  readonly bosString: string | null;
  readonly eosString: string | null;
}

/** One user message in a chat template, up to where the answer begins. fails not-supported */
export function chatText(template: string, prompt: string, tokens: TemplateTokens): string {
  try {
    return new Template(template.replaceAll(/\bstrftime_now\b/g, 'fixed_day')).render({
      messages: [{ role: 'user', content: prompt }],
      add_generation_prompt: true,
      bos_token: tokens.bosString ?? '',
      eos_token: tokens.eosString ?? '',
      fixed_day: () => TODAY,
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new PolarimeterError('not-supported', `the chat template of the model fails: ${error.message}`);
  }
}
