import vm from 'node:vm';
import { PolarimeterError } from '../../contract/errors.ts';
import type { Verifier } from '../../contract/probe.ts';
import type { Judgement } from './Judgement.ts';

type Regex = Extract<Verifier, { kind: 'regex' }>;

/** A pattern without catastrophic backtracking needs microseconds. */
const LIMIT_MILLIS = 250;
/** Longer answers are read from their end, where the result is. */
const MOST_CHARACTERS = 100_000;

// One context for all: making one costs a millisecond. It holds three texts and no object of this process.
const context = vm.createContext({ pattern: '', flags: '', text: '' });
const script = new vm.Script('new RegExp(pattern, flags).test(text)');

/** The pattern is found in the text. A pattern that backtracks for too long ends in `pattern-too-slow`. */
export function judgeRegex({ pattern, flags }: Regex, text: string): Judgement {
  Object.assign(context, { pattern, flags, text: text.slice(-MOST_CHARACTERS) });
  try {
    const correct = script.runInContext(context, { timeout: LIMIT_MILLIS }) === true;
    return { correct, verdict: correct ? 'correct' : 'no-match' };
  } catch (error) {
    // An error of another context is no instance of the Error of this one.
    const { code, message } = error as { code?: unknown; message?: unknown };
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return { correct: false, verdict: 'pattern-too-slow' };
    throw new PolarimeterError('probe-invalid', `the pattern cannot be run: ${String(message)}`, pattern);
  }
}
