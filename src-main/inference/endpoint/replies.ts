import { z } from 'zod';
import { PolarimeterError } from '../../contract/errors.ts';
import type { Answer } from '../../contract/evaluator.ts';
import { cutAtStop } from '../cutAtStop.ts';

const Usage = z.object({ completion_tokens: z.number().int().nonnegative().nullish() }).nullish();

const common = {
  finish_reason: z.string(),
  /** vLLM: the stop text; null where the model ended by itself. */
  stop_reason: z.union([z.string(), z.number()]).nullish(),
};

const CompletionReply = z.object({
  choices: z.array(z.object({ text: z.string(), ...common })).min(1),
  usage: Usage,
});

const ChatReply = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish() }), ...common })).min(1),
  usage: Usage,
});

const EchoReply = z.object({
  choices: z
    .array(
      z.object({
        text: z.string(),
        logprobs: z
          .object({
            token_logprobs: z.array(z.number().nullable()),
            text_offset: z.array(z.number().int().nonnegative()),
          })
          .nullish(),
      }),
    )
    .min(1),
});

/** What a server gave for a continuation; null where it does not tell probabilities of a prompt. */
export type Echo = {
  readonly text: string;
  readonly logprobs: readonly (number | null)[];
  readonly offsets: readonly number[];
} | null;

/** fails endpoint-invalid */
export function completionAnswer(json: unknown, stop: readonly string[], host: string): Answer {
  const { choices, usage } = checked(CompletionReply, json, host);
  const [choice] = choices;
  if (!choice) throw invalid(host, 'no choice');
  return answerOf({ text: choice.text, choice, tokens: usage?.completion_tokens }, stop);
}

/** fails endpoint-invalid */
export function chatAnswer(json: unknown, stop: readonly string[], host: string): Answer {
  const { choices, usage } = checked(ChatReply, json, host);
  const [choice] = choices;
  if (!choice) throw invalid(host, 'no choice');
  return answerOf({ text: choice.message.content ?? '', choice, tokens: usage?.completion_tokens }, stop);
}

/** fails endpoint-invalid */
export function echoOf(json: unknown, host: string): Echo {
  const [choice] = checked(EchoReply, json, host).choices;
  if (!choice?.logprobs) return null;
  const { token_logprobs: logprobs, text_offset: offsets } = choice.logprobs;
  if (logprobs.length !== offsets.length) throw invalid(host, 'as many probabilities as tokens are needed');
  return { text: choice.text, logprobs, offsets };
}

interface Raw {
  readonly text: string;
  readonly choice: {
    readonly finish_reason: string;
    readonly stop_reason?: string | number | null | undefined;
  };
  readonly tokens: number | null | undefined;
}

/** A server that does not count tokens gives 0 of them. */
function answerOf({ text, choice, tokens }: Raw, stop: readonly string[]): Answer {
  const cut = cutAtStop(text, stop);
  return { text: cut.text, tokens: tokens ?? 0, ended: cut.stopped ? 'stop' : endOf(choice) };
}

function endOf({ finish_reason: reason, stop_reason: by }: Raw['choice']): Answer['ended'] {
  if (reason === 'length' || reason === 'max_tokens') return 'length';
  return typeof by === 'string' ? 'stop' : 'end';
}

function checked<T>(schema: z.ZodType<T>, json: unknown, host: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(host, issue ? `${issue.path.join('.') || 'the reply'}: ${issue.message}` : 'another format');
}

function invalid(host: string, what: string): PolarimeterError {
  return new PolarimeterError('endpoint-invalid', `${host}: ${what}`, host);
}
