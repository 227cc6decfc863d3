import { describe, expect, it } from 'vitest';
import { MeasureInfo } from '../../src-main/contract/measure.ts';
import { StudyOptions } from '../../src-main/contract/study.ts';
import type { Evidence } from '../../src-main/measures/evidence.ts';
import { principalDimension } from '../../src-main/measures/evidence.ts';
import { measureInfo, pairMeasures, setMeasures, variantMeasures } from '../../src-main/measures/registry.ts';
import { evidenceOf } from '../fixtures/evidence.ts';

const OPTIONS = StudyOptions.parse({});
const measures = variantMeasures(OPTIONS);

/** A zero update of a matrix with the spectrum 4, 2, 1, 0.5. */
const unchanged: Evidence = {
  rows: 6,
  cols: 4,
  k: 2,
  heads: null,
  routed: false,
  dtypes: { reference: 'BF16', variant: 'BF16' },
  elements: {
    n: 24,
    invalid: 0,
    unchangedBf16: 24,
    unchangedNative: 24,
    within: [24, 24, 24, 24],
    sumSqReference: 21.25,
    sumSqVariant: 21.25,
    sumSqUpdate: 0,
    dotReferenceUpdate: 0,
    maxAbsUpdate: 0,
    sumSqUlp: 0.01,
    rowChanged: new Uint32Array(6),
    colChanged: new Uint32Array(4),
    steps: [24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    exponents: Array.from({ length: 256 }, (_, e) => (e === 127 ? 24 : 0)),
  },
  spectra: {
    reference: Float64Array.of(4, 2, 1, 0.5),
    variant: Float64Array.of(4, 2, 1, 0.5),
    update: new Float64Array(4),
  },
  angles: { left: new Float64Array(2), right: new Float64Array(2) },
  middle: null,
  tail: null,
  sweep: null,
  energy: { total: 0, twoSided: 0, diagonal: 0, left: 0, right: 0, diagonalValues: new Float64Array(2) },
  masks: null,
  svf: null,
};

function valueOf(id: string, evidence: Evidence): number | string {
  const measure = measures.find(({ info }) => info.id === id);
  const outcome = measure?.measure(evidence);
  if (!measure || !outcome) throw new Error(`no measure ${id}`);
  return 'reason' in outcome ? outcome.reason : measure.value(outcome.parts);
}

describe('the registry', () => {
  it('has valid, unique, documented entries, each with a source', () => {
    const infos = measureInfo();
    for (const info of infos) {
      expect(MeasureInfo.parse(info)).toEqual(info);
      expect(info.sources.length, info.id).toBeGreaterThan(0);
      expect(info.meaning, info.id).not.toBe('');
    }
    expect(new Set(infos.map(({ id }) => id)).size).toBe(infos.length);
  });

  it('covers every capability group', () => {
    const numbered = Array.from({ length: 11 }, (_, i) => `B${String(i + 1)}`);
    expect(new Set(measureInfo().map(({ group }) => group))).toEqual(new Set(['A7', ...numbered, 'WW']));
  });

  it('names tolerances as they are written', () => {
    const ids = measureInfo({ ...OPTIONS, tolerances: [1e-8, 2.5e-6] }).map(({ id }) => id);
    expect(ids).toContain('update.unchanged.within-1e-8');
    expect(ids).toContain('update.unchanged.within-2-5e-6');
  });
});

describe('every measure', () => {
  it('has a reason where nothing was computed, never a number', () => {
    const nothing = evidenceOf({});
    for (const { info, needs, measure } of measures) {
      if (needs.length > 0) expect(measure(nothing), info.id).toHaveProperty('reason');
    }
  });

  it('gives a finite number or a reason for an update of zero, and shares of 0 to 1', () => {
    for (const { info, measure, value } of measures) {
      const outcome = measure(unchanged);
      if ('reason' in outcome) continue;
      for (const parts of [outcome.parts, outcome.baseline ?? outcome.parts]) {
        expect(value(parts), info.id).toSatisfy(Number.isFinite);
        if (info.unit === 'share')
          expect(value(parts), info.id).toSatisfy((share: number) => share >= 0 && share <= 1);
      }
    }
  });

  it('is of the arity of its list, and says what the other run is', () => {
    expect(measures.every(({ info }) => info.arity === 'variant')).toBe(true);
    expect(
      pairMeasures.every(({ info }) => info.arity === 'pair-of-variants' && 'with' in info.parameters),
    ).toBe(true);
    expect(setMeasures.every(({ info }) => info.arity === 'set-of-variants')).toBe(true);
  });
});

describe('an unchanged matrix', () => {
  it('is unchanged by every definition', () => {
    for (const id of ['bf16', 'native', 'within-1e-8', 'within-1e-5'])
      expect(valueOf(`update.unchanged.${id}`, unchanged)).toBe(1);
    expect(valueOf('update.norm', unchanged)).toBe(0);
    expect(valueOf('update.relative-norm', unchanged)).toBe(0);
    expect(valueOf('spectrum.nss', unchanged)).toBe(0);
    expect(valueOf('spectrum.value-change', unchanged)).toBe(0);
    expect(valueOf('angles.left.max', unchanged)).toBe(0);
    expect(valueOf('angles.wedin-bound', unchanged)).toBe(0);
  });

  it('has no shape of update: a reason, never 0 or NaN', () => {
    for (const id of [
      'update.reference-cosine',
      'spectrum.nss-over-ceiling',
      'energy.two-sided',
      'rank.stable',
      'rank.effective',
      'rank.numerical',
    ]) {
      expect(valueOf(id, unchanged), id).toBe('the update is exactly zero');
    }
  });
});

describe('relations', () => {
  const scaled: Evidence = {
    ...unchanged,
    spectra: {
      reference: Float64Array.of(4, 2, 1, 0.5),
      variant: Float64Array.of(6, 3, 1.5, 0.75),
      update: Float64Array.of(2, 1, 0.5, 0.25),
    },
  };

  it('W -> cW: NSS is |c - 1| and reaches its ceiling', () => {
    expect(valueOf('spectrum.nss', scaled)).toBeCloseTo(0.5, 15);
    expect(valueOf('spectrum.nss-over-ceiling', scaled)).toBeCloseTo(1, 15);
  });

  it('relative change of singular values is their plain mean, the baseline its first order for an isotropic update', () => {
    expect(valueOf('spectrum.value-change', scaled)).toBeCloseTo(0.5, 11);
    const outcome = measures.find(({ info }) => info.id === 'spectrum.value-change')?.measure(scaled);
    // |dW|_F = sqrt(5.3125), mn = 24, mean of 1 / s = (1/4 + 1/2 + 1 + 2) / 4.
    const expected = Math.sqrt(2 / Math.PI) * Math.sqrt(5.3125 / 24) * 0.9375;
    expect(outcome && 'parts' in outcome ? outcome.baseline?.[0] : null).toBeCloseTo(expected, 11);
  });

  it('stable rank, one-norm share and energy ranks of a known spectrum', () => {
    expect(valueOf('rank.stable', scaled)).toBeCloseTo(5.3125 / 4, 14);
    expect(valueOf('rank.one-norm-share', scaled)).toBeCloseTo(2 / Math.sqrt(5.3125), 14);
    expect(valueOf('rank.energy-50', scaled)).toBe(1);
    expect(valueOf('rank.energy-90', scaled)).toBe(2);
    expect(valueOf('rank.energy-99', scaled)).toBe(4);
  });

  it('baselines of the update energy count dimensions', () => {
    const energy = {
      total: 4,
      twoSided: 2,
      diagonal: 1,
      left: 3,
      right: 2.5,
      diagonalValues: new Float64Array(2),
    };
    const evidence = { ...unchanged, rows: 6, cols: 4, k: 2, energy };
    const outcome = measures.find(({ info }) => info.id === 'energy.two-sided')?.measure(evidence);
    expect(outcome).toEqual({ parts: [0.5, 1], baseline: [4 / 24, 1] });
    expect(valueOf('energy.rotational', evidence)).toBe(0.25);
  });

  it('k is capped at half the smaller side, so that no angle is forced to zero', () => {
    expect(principalDimension(768, 1024, 4096)).toBe(512);
    expect(principalDimension(128, 4096, 4096)).toBe(128);
    expect(principalDimension(128, 1, 4096)).toBe(0);
  });

  it('the Wedin bound is 90 degrees where the spectra overlap at the cut', () => {
    const spectra = {
      reference: Float64Array.of(2, 1, 1, 0),
      variant: Float64Array.of(2, 1, 1, 0),
      update: Float64Array.of(1e-9, 0, 0, 0),
    };
    expect(valueOf('angles.wedin-bound', { ...unchanged, spectra })).toBe(90);
  });
});

describe('aggregation by parts', () => {
  it('parameter-weighted shares add their counts', () => {
    const share = measures.find(({ info }) => info.id === 'update.unchanged.bf16');
    expect(share?.value([10 + 30, 100 + 50])).toBeCloseTo(40 / 150, 15);
  });
});
