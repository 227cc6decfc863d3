import type { Verifier } from '../../contract/probe.ts';
import type { Judgement } from './Judgement.ts';

type Exact = Extract<Verifier, { kind: 'exact' }>;

/** The text is one of the answers; space around it does not count, and case only where `ignoreCase` is off. Unicode forms are made equal (NFC). */
export function judgeExact({ answer, ignoreCase }: Exact, text: string): Judgement {
  const plain = (one: string): string => {
    const trimmed = one.trim().normalize('NFC');
    return ignoreCase ? trimmed.toLowerCase() : trimmed;
  };
  const correct = [answer].flat().some((one) => plain(one) === plain(text));
  return { correct, verdict: correct ? 'correct' : 'no-match' };
}
