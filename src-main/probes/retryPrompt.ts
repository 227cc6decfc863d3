import type { Problem } from '../contract/probe.ts';
import { pointsFeedback } from './verifiers/pointsFeedback.ts';

/**
 * The next try of a problem: all that was said so far, the answer, and why it failed, as GeneralPoints appends it (arXiv 2501.17161,
 * figure 11). An evaluator takes one text, so that in a chat template the exchange is one turn and not several.
 */
export function retryPrompt({ verifier }: Problem, prompt: string, answer: string): string {
  const why = verifier.kind === 'points' ? pointsFeedback(verifier, answer) : 'your answer is incorrect.';
  return `${prompt}${answer}\nYou failed this trial because ${why}\n`;
}
