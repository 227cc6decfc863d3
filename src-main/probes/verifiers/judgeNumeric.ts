import type { Verifier } from '../../contract/probe.ts';
import type { Judgement } from './Judgement.ts';

type Numeric = Extract<Verifier, { kind: 'numeric' }>;

/** "1,234.5", ".5", "-3e-4"; commas only between groups of three digits. Every part can match in one way only, so it takes linear time. */
const NUMBER =
  /[-+\u2212]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:[eE][-+\u2212]?\d+)?|[-+\u2212]?\.\d+/g;

/** A sign after one of these is an operation: the last number of "24-3" is 3. */
const OPERAND_BEFORE = /[\d)\p{L}]\s?$/u;

/** The last number of the text is within |x - answer| <= absolute + relative |answer|. Verdicts: correct, wrong-value, no-number. */
export function judgeNumeric({ answer, absolute, relative }: Numeric, text: string): Judgement {
  const found = lastNumber(text);
  if (found === null) return { correct: false, verdict: 'no-number' };
  const correct = Math.abs(found - answer) <= absolute + relative * Math.abs(answer);
  return { correct, verdict: correct ? 'correct' : 'wrong-value' };
}

function lastNumber(text: string): number | null {
  const last = [...text.matchAll(NUMBER)].at(-1);
  if (!last) return null;
  const [written] = last;
  const operation = /^[-+\u2212]/.test(written) && OPERAND_BEFORE.test(text.slice(0, last.index).slice(-2));
  const value = Number(
    (operation ? written.slice(1) : written).replaceAll('\u2212', '-').replaceAll(',', ''),
  );
  return Number.isFinite(value) ? value : null;
}
