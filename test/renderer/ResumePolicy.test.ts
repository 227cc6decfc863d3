import { describe, expect, it } from 'vitest';
import type { Progress } from '../../src-main/contract/study.ts';
import { ResumePolicy } from '../../src-renderer/state/ResumePolicy.ts';

/** What a policy says to a list of states, with what is in flight, a minute apart each. */
function answers(...seen: [Progress['state'], ...string[]][]): boolean[] {
  let minute = 0;
  const policy = new ResumePolicy(() => 60_000 * minute);
  return seen.map(([state, ...inFlight]) => {
    minute++;
    return policy.resumesAfter({ state, inFlight });
  });
}

const RUNNING: ['running'] = ['running'];

describe('ResumePolicy', () => {
  it('resumes a run that was seen going on, once', () => {
    expect(answers(RUNNING, ['interrupted', 'a'], ['interrupted', 'a'])).toEqual([false, true, false]);
    expect(answers(['planning'], ['interrupted'])).toEqual([false, true]);
  });

  it('leaves alone what it did not see running, or was being cancelled', () => {
    expect(answers(['interrupted', 'a'])).toEqual([false]);
    expect(answers(['idle'], ['interrupted', 'a'])).toEqual([false, false]);
    expect(answers(RUNNING, ['cancelling'], ['interrupted', 'a'])).toEqual([false, false, false]);
    expect(answers(RUNNING, ['failed'])).toEqual([false, false]);
  });

  it('does not resume twice for the same tensor within ten minutes, but for another one', () => {
    expect(answers(RUNNING, ['interrupted', 'a', 'b'], RUNNING, ['interrupted', 'b'])).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(answers(RUNNING, ['interrupted', 'a'], RUNNING, ['interrupted', 'c'])).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(answers(RUNNING, ['interrupted'], RUNNING, ['interrupted'])).toEqual([false, true, false, false]);
  });

  it('resumes again after ten minutes', () => {
    const pause = Array.from({ length: 10 }, () => RUNNING);
    expect(answers(RUNNING, ['interrupted', 'a'], ...pause, ['interrupted', 'a']).at(-1)).toBe(true);
    expect(answers(RUNNING, ['interrupted', 'a'], ...pause.slice(1), ['interrupted', 'a']).at(-1)).toBe(true);
    expect(answers(RUNNING, ['interrupted', 'a'], ...pause.slice(2), ['interrupted', 'a']).at(-1)).toBe(
      false,
    );
  });
});
