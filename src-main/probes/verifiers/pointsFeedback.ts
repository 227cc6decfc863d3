import type { Verifier } from '../../contract/probe.ts';
import { evaluateFormula } from './evaluateFormula.ts';
import { pointsFormula } from './pointsFormula.ts';
import { writtenSolutions } from './writtenSolutions.ts';

type Points = Extract<Verifier, { kind: 'points' }>;

/**
 * What the environment says of a wrong answer, word for word (`step_rewards` in utils_rl.py of LeslieTrue/SFTvsRL, arXiv 2501.17161):
 * its remarks with commas between and a full stop at the end. Its remarks on the order of tokens are kept as they are, although one
 * names the bracket that follows the mistake.
 */
export function pointsFeedback(verifier: Points, answer: string): string {
  const tokens = pointsFormula(verifier, answer);
  if (tokens === null) return 'illegal characters.';
  const remarks = [...sequenceRemarks(tokens), ...numberRemarks(tokens, verifier.numbers)];
  return `${(remarks.length > 0 ? remarks : solutionRemarks(tokens, verifier)).join(', ')}.`;
}

type Kind = 'number' | 'operator' | 'open' | 'close' | null;

function kindOf(token: string): Kind {
  if (token === '(') return 'open';
  if (token === ')') return 'close';
  return /^\d/.test(token) ? 'number' : 'operator';
}

const MAY_FOLLOW: Readonly<Record<Exclude<Kind, null>, { after: readonly Kind[]; remark: string }>> = {
  number: { after: [null, 'operator', 'open'], remark: 'invalid sequence after number' },
  operator: { after: ['number', 'close'], remark: 'invalid sequence after operator' },
  open: { after: [null, 'operator', 'open'], remark: "invalid sequence before '('" },
  close: { after: ['number', 'close'], remark: "invalid sequence after ')'" },
};

function sequenceRemarks(tokens: readonly string[]): string[] {
  const remarks: string[] = [];
  let before: Kind = null;
  let open = 0;
  for (const kind of tokens.map(kindOf)) {
    if (kind === null) continue;
    const { after, remark } = MAY_FOLLOW[kind];
    if (!after.includes(before)) remarks.push(remark);
    else if (kind === 'open') open++;
    else if (kind === 'close' && open > 0) open--;
    else if (kind === 'close') remarks.push('unmatched closing parenthesis');
    before = kind;
  }
  return remarks;
}

function numberRemarks(tokens: readonly string[], cards: readonly number[]): string[] {
  const used = countsOf(tokens.filter((token) => kindOf(token) === 'number').map(Number));
  const dealt = countsOf(cards);
  const invalid = [...used.keys()].filter((number) => !dealt.has(number));
  const overused = [...used].filter(([number, count]) => count > (dealt.get(number) ?? 0));
  const underused = [...dealt].filter(([number, count]) => count > (used.get(number) ?? 0));
  const remarks: string[] = [];
  if (invalid.length > 0) remarks.push(`you used invalid numbers: ${listed(invalid)}`);
  else if (overused.length > 0) {
    remarks.push(`you used numbers: ${listed(overused.map(([number]) => number))} too many times`);
  }
  if (underused.length > 0) {
    remarks.push(`you didn't use numbers: ${listed(underused.map(([number]) => number))}`);
  }
  return remarks;
}

function countsOf(numbers: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return counts;
}

/** A list as Python prints it. */
function listed(numbers: readonly number[]): string {
  return `[${numbers.join(', ')}]`;
}

/** Of a formula with the right numbers and another value: how far it agrees with the beginning of a solution. */
function solutionRemarks(tokens: readonly string[], { numbers, target }: Points): string[] {
  const solutions = writtenSolutions(numbers, target);
  const begins = (text: string): boolean => solutions.some((solution) => solution.startsWith(text));
  const evaluated = evaluateFormula(tokens);
  if (!evaluated?.value && begins(tokens.join(''))) return ['partial solution'];
  let agreed = '';
  for (const token of tokens) {
    if (!begins(agreed + token)) break;
    agreed += token;
  }
  if (agreed === '') return ['your formula does not match any solution'];
  return agreed === tokens.join('')
    ? []
    : [`${agreed} is partially correct but the full formula does not match any solution`];
}
