import { setTimeout as delay } from 'node:timers/promises';
import { PolarimeterError } from '../../contract/errors.ts';
import type { EvaluatorChoice } from '../../contract/evaluator.ts';
import type { Evaluator } from '../Evaluator.ts';
import { EndpointClient } from './EndpointClient.ts';
import type { RetryEffects } from './EndpointClient.ts';
import { EndpointEvaluator } from './EndpointEvaluator.ts';

export type EndpointChoice = Extract<EvaluatorChoice, { kind: 'endpoint' }>;

const EFFECTS: RetryEffects = {
  pause: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, { signal });
  },
  random: Math.random,
  now: Date.now,
};

/** A server that already runs the model. Nothing is asked of it yet. fails endpoint-refused where the key is not there */
export function openEndpoint(
  choice: EndpointChoice,
  env: Readonly<Record<string, string | undefined>>,
  effects: RetryEffects = EFFECTS,
): Evaluator {
  const url = new URL(choice.url);
  if (url.username !== '' || url.password !== '') {
    const message = `${url.host}: a name or password in the address would be kept with the results; put it into a variable`;
    throw new PolarimeterError('endpoint-refused', message, url.host);
  }
  const key = choice.keyVariable === null ? null : (env[choice.keyVariable] ?? '').trim();
  if (key === '') {
    const message = `${url.host}: the environment variable ${choice.keyVariable ?? ''} with the key is not set`;
    throw new PolarimeterError('endpoint-refused', message, choice.keyVariable);
  }
  const { timeoutSeconds, retries } = choice;
  const client = new EndpointClient({ url, key, timeoutSeconds, retries }, effects);
  return new EndpointEvaluator(choice, url, client);
}
