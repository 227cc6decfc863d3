import type { Problem } from '../contract/probe.ts';

/** What a problem of the right shape still contradicts, in words; null for none. */
export function problemFault({ verifier }: Problem): string | null {
  switch (verifier.kind) {
    case 'choice':
      return verifier.answer < verifier.choices.length
        ? null
        : `the answer is choice ${verifier.answer}, counted from 0, of ${verifier.choices.length}`;
    case 'regex':
      return patternFault(verifier.pattern, verifier.flags);
    case 'points':
      return (verifier.otherNumbers?.length ?? verifier.numbers.length) === verifier.numbers.length
        ? null
        : `there are ${verifier.numbers.length} numbers and ${verifier.otherNumbers?.length ?? 0} of the other rule`;
    case 'exact':
    case 'numeric':
      return null;
  }
}

/** Running a pattern is limited in time, compiling it cannot be: 2000 characters compile within a quarter of a second. */
const LONGEST_PATTERN = 2000;

function patternFault(pattern: string, flags: string): string | null {
  if (pattern.length > LONGEST_PATTERN) return `the pattern is longer than ${LONGEST_PATTERN} characters`;
  try {
    new RegExp(pattern, flags);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'the pattern is not valid';
  }
}
