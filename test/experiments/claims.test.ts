/** What sweeps claim of planted answers. Few repetitions of what `npm run bench -- coverage` does with many; seeds are fixed. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../src-main/base/Random.ts';
import { claimsOf, drawnSweep, type SimulatedSweep } from '../fixtures/simulatedSweeps.ts';

const NOTHING: SimulatedSweep = {
  n: 234,
  target: 0.3,
  donor: 0.6,
  repairs: new Array<number>(9).fill(0.3),
  control: 0.3,
  alike: 0.5,
};

describe('a sweep of nine repairs that do nothing', () => {
  it('calls none better than its control, and differing from the target in one of twenty at most', () => {
    const { beatsControl, differs, verdicts } = claimsOf(NOTHING, 50, 1);
    expect(beatsControl).toBeLessThanOrEqual(0.02);
    // 5 %, and two standard errors of 50 sweeps.
    expect(differs).toBeLessThanOrEqual(0.1);
    expect(verdicts).toEqual({ 'no-repair-beats-control': expect.closeTo(1, 9) as number });
  });
});

it('one repair of 10 points more than target and controls is found among eight that do nothing', () => {
  const repairs = [0.4, ...NOTHING.repairs.slice(1)];
  const { firstFound } = claimsOf({ ...NOTHING, n: 600, repairs, alike: 0.8 }, 20, 2);
  expect(firstFound).toBeGreaterThan(0.9);
});

describe('the gate', () => {
  const LOST: SimulatedSweep = { ...NOTHING, n: 600, target: 0.04, donor: 0.44, control: 0.04 };
  const recovering = (share: number): SimulatedSweep => ({
    ...LOST,
    repairs: new Array<number>(9).fill(0.04 + share * 0.4),
  });

  it('of nine repairs that bring back a little less than the threshold does not take the luckiest for more', () => {
    const { verdicts, contradictions } = claimsOf(recovering(0.69), 40, 3);
    expect(verdicts['reconsider-rl'] ?? 0).toBeLessThanOrEqual(0.05);
    expect(contradictions).toBe(0);
  });

  it('says which side of the threshold it is certain of', () => {
    expect(claimsOf(recovering(0.95), 10, 4).verdicts).toEqual({
      'reconsider-rl': expect.closeTo(1, 9) as number,
    });
    expect(claimsOf(recovering(0.4), 10, 5).verdicts).toEqual({
      'below-threshold': expect.closeTo(1, 9) as number,
    });
  });

  it('whose luckiest repair is above the threshold only by itself says so', () => {
    const random = new Random(6);
    const gates = Array.from({ length: 25 }, () => drawnSweep(recovering(0.72), random)().gate);
    const lucky = gates.filter(
      ({ verdict, recovery }) => verdict === 'not-certain' && (recovery?.interval?.[0] ?? 0) >= 0.7,
    );
    expect(lucky.length).toBeGreaterThan(0);
    expect(lucky[0]?.sentences.join('\n')).toMatch(
      /the best of 9 repairs is the best by luck too, .* begins at 6\d\.\d %/,
    );
  });

  it('takes no loss for certain because it looked at many probes', () => {
    const without = { ...NOTHING, donor: 0.3, repairs: [0.3], probes: 8 };
    const { verdicts } = claimsOf(without, 50, 7);
    const lost = 1 - (verdicts['not-certain'] ?? 0) - (verdicts['nothing-lost'] ?? 0);
    // One-sided 2.5 %, and three standard errors of 50 sweeps; uncorrected it were 15 %.
    expect(lost).toBeLessThanOrEqual(0.07);
  });
});
