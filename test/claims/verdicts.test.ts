import { describe, expect, it } from 'vitest';
import { readClaims } from '../../src-main/claims/readClaims.ts';
import { LEDGER } from '../../src-main/claims/ledger.ts';
import type { ClaimReading } from '../../src-main/contract/claim.ts';
import { CONFLICT_CASES } from './conflictCases.ts';
import { GEOMETRY_CASES } from './geometryCases.ts';
import { BF16, NORM, pair, two, type Values } from './plantedValues.ts';
import { syntheticRows, type Pair, type Run } from './syntheticRows.ts';

function runsOf({ rl = [], sft = [] }: Partial<Record<'rl' | 'sft', readonly Values[] | undefined>>): Run[] {
  return [
    ...rl.map((values, i): Run => ({ label: `rl${String(i)}`, role: 'rl', values })),
    ...sft.map((values, i): Run => ({ label: `sft${String(i)}`, role: 'sft', values })),
  ];
}

function readingOf(claim: string, runs: readonly Run[], pairs: readonly Pair[] = []): ClaimReading {
  const { rows, variants } = syntheticRows(runs, pairs);
  return readClaims(rows, variants).find((reading) => reading.claim.id === claim)!;
}

const CASES = [...CONFLICT_CASES, ...GEOMETRY_CASES];

describe('every rule', () => {
  it.each(CASES)('$claim is $verdict: $why', ({ claim, verdict, rl, sft, pairs }) => {
    const reading = readingOf(claim, runsOf({ rl, sft }), pairs);
    expect([reading.verdict, reading.because]).toEqual([verdict, reading.because]);
    expect(reading.because).toMatch(/^[A-Z0-9].*\.$/s);
    expect(reading.because).not.toMatch(/NaN|Infinity|undefined/);
  });

  it.each([
    ['runs-share-a-mask', 'overlap.jaccard', 0.6, 0.3],
    ['subnetworks-overlap', 'overlap.one-sided', 0.8, 0.3],
  ])('%s is held against pairs of RL and SFT', (claim, measure, found, chance) => {
    // Half of the weights changed in RL, nearly all in SFT: there, little overlap beyond chance is possible at all.
    const half = { [BF16]: 0.5 };
    const runs = runsOf({ rl: [half, half], sft: [{ [BF16]: 0.1 }] });
    const own = pair(measure, found, chance);
    const most = measure === 'overlap.jaccard' ? 0.5 / 0.9 : 1;
    const control = (reach: number): Pair => pair(measure, 0.49 + reach * (most - 0.49), 0.49, 'rl0', 'sft0');
    const reached = (found - chance) / (1 - chance);
    expect(readingOf(claim, runs, [own, control(reached - 0.1)]).verdict).toBe('supported');
    const same = readingOf(claim, runs, [own, control(reached + 0.1)]);
    expect(same.verdict).toBe('open');
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
    expect(same.because).toContain(
      `RL with RL reaches ${percent(reached)}, RL with SFT ${percent(reached + 0.1)}`,
    );
    expect(readingOf(claim, runs, [own]).because).toContain('no SFT run from the same weights');
  });

  it('tests every claim that weights can test in at least two ways', () => {
    const tested = Map.groupBy(CASES, ({ claim }) => claim);
    const few = LEDGER.filter(
      ({ info }) =>
        info.needs === 'weights' &&
        info.id !== 'rl-turns-back' &&
        new Set(tested.get(info.id)?.map(({ verdict }) => verdict)).size < 2,
    );
    expect(few.map(({ info }) => info.id)).toEqual([]);
  });
});

/** Norms of an SFT update of length 3, an RL update of length 1 after it, and both together for a given cosine. */
function afterSft(cosine: number): Run[] {
  const together = Math.sqrt(9 + 1 + 6 * cosine);
  return [
    { label: 'sft', role: 'sft', values: { 'update.norm': 3 } },
    { label: 'rl', role: 'rl', from: 'sft', path: '/rl', values: { 'update.norm': 1 } },
    { label: 'rl-whole', role: 'other', path: '/rl', values: { 'update.norm': together } },
  ];
}

describe('whether RL turns back', () => {
  it.each([
    [-0.5, 'supported'],
    [0.5, 'contradicted'],
    [0.01, 'open'],
  ])('cosine %f is %s', (cosine, verdict) => {
    const reading = readingOf('rl-turns-back', afterSft(cosine));
    expect(reading.verdict).toBe(verdict);
    expect(reading.evidence[0]!.value).toBeCloseTo(cosine, 12);
  });

  it('needs the RL checkpoint against the base as well', () => {
    expect(readingOf('rl-turns-back', afterSft(0).slice(0, 2)).verdict).toBe('not-applicable');
  });
});

describe('which checkpoints count', () => {
  it('the last one of every run', () => {
    const run = (label: string, step: number, value: number): Run => ({
      label,
      role: 'rl',
      run: 'one',
      step,
      values: { 'rank.numerical': value },
    });
    const reading = readingOf('updates-have-full-rank', [run('late', 300, 0.999), run('early', 100, 0.2)]);
    expect([reading.verdict, reading.evidence.map(({ variant }) => variant)]).toEqual([
      'supported',
      ['late'],
    ]);
  });

  it('says when sizes differ', () => {
    const values = (share: number, norm: number): Values => ({ [BF16]: share, [NORM]: norm });
    const far = readingOf(
      'rl-leaves-more-unchanged',
      runsOf({ rl: [values(0.7, 1e-3)], sft: [values(0.1, 1e-1)] }),
    );
    expect(far.because).toContain('differ by up to a factor of 100');
    const near = readingOf(
      'rl-leaves-more-unchanged',
      runsOf({ rl: [values(0.7, 1e-3)], sft: [values(0.1, 1e-3)] }),
    );
    expect(near.because).not.toContain('factor');
  });

  it('NaN and infinity are no evidence', () => {
    const { rows, variants } = syntheticRows(runsOf({ rl: [{ 'rank.numerical': 0.999 }] }));
    const broken = rows.map((one) => ({ ...one, value: 'NaN' as const }));
    expect(
      readClaims(broken, variants).find(({ claim }) => claim.id === 'updates-have-full-rank')!.verdict,
    ).toBe('not-applicable');
  });

  it('nothing stored: no verdict from numbers at all', () => {
    const found = new Set(
      readClaims([], syntheticRows(runsOf({ rl: two, sft: two })).variants).map(({ verdict }) => verdict),
    );
    expect([...found].sort()).toEqual(['needs', 'not-applicable']);
  });
});
