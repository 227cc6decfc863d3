import { createHash } from 'node:crypto';
import type { EvaluatorInfo, GenerationSettings } from '../contract/evaluator.ts';

/** Everything that decides how a model answers the problems of a probe. */
export interface AnswerSource {
  /** Content of the model. */
  readonly model: string;
  /** Content of the problems and their order. */
  readonly probe: string;
  readonly settings: GenerationSettings;
  readonly evaluator: EvaluatorInfo;
}

/** Settings that matter: greedy answers do not depend on the seed, nor on where the tail of a distribution is cut. */
function effective({ temperature, topP, seed, ...settings }: GenerationSettings): object {
  return temperature === 0 ? { temperature, ...settings } : { temperature, topP, seed, ...settings };
}

/** How many threads share the work does not change a sum of it. */
const machine = ({ kind, engine, device, weights, contextTokens }: EvaluatorInfo): object => ({
  kind,
  engine,
  device,
  weights,
  contextTokens,
});

/** The key of the answers of a model to a probe: 32 hex digits. */
export function answerSubject({ model, probe, settings, evaluator }: AnswerSource): string {
  return createHash('sha256')
    .update(JSON.stringify([model, probe, effective(settings), machine(evaluator)]))
    .digest('hex')
    .slice(0, 32);
}
