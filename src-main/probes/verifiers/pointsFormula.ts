import type { Verifier } from '../../contract/probe.ts';
import { formulaOfJson } from './formulaOfJson.ts';
import { lenientTokens, paperTokens } from './formulaTokens.ts';

/** Tokens of the formula of an answer, as the problem reads them; null where there is none or it has another character. */
export function pointsFormula(
  { format, grading }: Extract<Verifier, { kind: 'points' }>,
  answer: string,
): string[] | null {
  const formula = format === 'json' ? formulaOfJson(answer, grading) : answer;
  if (formula === null) return null;
  return grading === 'paper' ? paperTokens(formula) : lenientTokens(formula);
}
