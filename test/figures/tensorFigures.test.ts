import { describe, expect, it } from 'vitest';
import { STEP_BINS, StepsDocument } from '../../src-main/contract/stripes.ts';
import { angleCurves, forcedZeros } from '../../src-main/figures/angleCurves.ts';
import { isFigure, type ChartFigure, type NoFigure } from '../../src-main/figures/chartFigure.ts';
import { energyBars, energyShares } from '../../src-main/figures/energyShares.ts';
import { spectra } from '../../src-main/figures/spectra.ts';
import { SIGNED_BINS, signedCounts, stepsByMagnitude } from '../../src-main/figures/stepsByMagnitude.ts';
import { svfFactors } from '../../src-main/figures/svfFactors.ts';
import { ulpSteps } from '../../src-main/figures/ulpSteps.ts';
import { cumulativeEnergy, updateSpectrum } from '../../src-main/figures/updateSpectrum.ts';
import { curve, subject, THEME, value } from './tensorSubjects.ts';

const FRAME = { width: 1000, theme: THEME };
const drawn = (figure: ChartFigure | NoFigure): ChartFigure => {
  if (!isFigure(figure)) throw new Error(figure.reason);
  return figure;
};
const none = (figure: ChartFigure | NoFigure): NoFigure => {
  if (isFigure(figure)) throw new Error('there is a figure');
  return figure;
};

interface Drawn {
  name: string;
  type: string;
  yAxisIndex?: number;
  lineStyle?: { color: string; type: string };
  data: [number, number | null][];
}
const seriesOf = (figure: ChartFigure): Drawn[] => figure.option(FRAME).series as unknown as Drawn[];
const lines = (figure: ChartFigure, panel = 0): Drawn[] =>
  seriesOf(figure).filter(({ type, yAxisIndex }) => type === 'line' && yAxisIndex === panel);

describe('spectra', () => {
  const base = [8, 4, 2, 1, 0.5, 0.25, 0.125, 0];
  const sft = base.map((s) => s * 1.5);
  const rl = sft.map((s, i) => (i === 1 ? s * 0.9 : s));
  const given = subject({
    curves: [
      curve('sft', 'spectrum-reference', base),
      curve('sft', 'spectrum-variant', sft),
      curve('rl', 'spectrum-reference', sft, 'sft'),
      curve('rl', 'spectrum-variant', rl, 'sft'),
    ],
    rows: [value('sft', 'spectrum.nss', 0.5), value('rl', 'spectrum.nss', 0.1)],
  });
  const choice = { range: 'all', log: false, normalised: false } as const;

  it('draws the base in ink below the variants, each in its own style, and the change against its own reference', () => {
    const figure = drawn(spectra(given, choice));
    const above = lines(figure, 0);
    expect(above.map(({ name }) => name)).toEqual(['base', 'sft', 'rl']);
    expect(above[0]!.lineStyle).toMatchObject({ color: THEME.ink, type: 'solid' });
    expect(above[2]!.lineStyle!.color).toBe(given.styles[1]!.colour);
    expect(above[1]!.data.slice(0, 2)).toEqual([
      [1, 12],
      [2, 6],
    ]);
    const [ofSft, ofRl] = lines(figure, 1);
    expect(ofSft!.data.slice(0, 7).map(([, change]) => change)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
    expect(ofSft!.data[7]![1]).toBeNull();
    expect(ofRl!.data[0]![1]).toBe(0);
    expect(ofRl!.data[1]![1]).toBeCloseTo(-0.1, 12);
    expect(figure.summary[1]).toBe(
      'rl: largest singular value 12 (0 %); the largest relative change is -10.0 %, at i = 2.',
    );
    expect(figure.caption.join(' ')).toContain('k = 2');
    expect(figure.caption.join(' ')).toContain('svd_gram_f64 (cpu) from BF16, largest residual 2.0e-13');
  });

  it('zooms to the first and the last 2k, keeping the index, and normalises by the largest value', () => {
    const head = drawn(spectra(given, { ...choice, range: 'head' }));
    expect(lines(head)[0]!.data.map(([i]) => i)).toEqual([1, 2, 3, 4]);
    const tail = drawn(spectra(given, { ...choice, range: 'tail', normalised: true }));
    expect(lines(tail)[0]!.data).toEqual([
      [5, 0.5 / 8],
      [6, 0.25 / 8],
      [7, 0.125 / 8],
      [8, 0],
    ]);
    expect(tail.cursor.name(0)).toBe('i = 5');
  });

  it('leaves values of 0 and signs out of a logarithmic scale, and says so', () => {
    const figure = drawn(spectra(given, { ...choice, log: true }));
    expect(lines(figure)[0]!.data.at(-1)).toEqual([8, null]);
    expect(lines(figure, 1)[1]!.data[1]![1]).toBeCloseTo(0.1, 12);
    expect(figure.caption.join(' ')).toMatch(/without its sign.*Values of 0 are not drawn/);
  });

  it('has a table with the numbers of the chart', () => {
    const { table } = drawn(spectra(given, choice));
    expect(table.columns.slice(0, 3)).toEqual([
      'index i of the singular value',
      'base: singular value s_i',
      'sft: singular value s_i',
    ]);
    expect([table.count, table.cell(1, 0), table.cell(1, 2), table.cell(1, 5), table.cell(7, 4)]).toEqual([
      8,
      '2',
      '6',
      '-10.0 %',
      '–',
    ]);
  });
});

describe('principal angles', () => {
  const given = subject({
    curves: [
      curve('sft', 'angles-left', [0, 10]),
      curve('sft', 'angles-right', [1, 20]),
      curve('sft', 'angles-tail-left', [60, 80]),
      curve('sft', 'angles-tail-right', [60, 80]),
    ],
    rows: [
      value('sft', 'angles.left.median', 5, { unit: 'degrees', baseline: 66 }),
      value('sft', 'angles.left.max', 10, { unit: 'degrees', baseline: 90 }),
      value('sft', 'angles.right.median', 10.5, { unit: 'degrees', baseline: 60 }),
      value('sft', 'angles.right.max', 20, { unit: 'degrees', baseline: 90 }),
      value('sft', 'angles.gap', 0.01, { unit: 'ratio', baseline: 0.2 }),
      value('sft', 'angles.wedin-bound', 35, { unit: 'degrees' }),
      value('rl', 'angles.wedin-bound', 90, { unit: 'degrees' }),
    ],
  });
  const elements = (figure: ChartFigure): { type: string; style: { text?: string; stroke?: string } }[] =>
    (figure.option(FRAME).graphic as { elements: [] }).elements;

  it('draws both sides with the chance level, the cut, and the bound only where it bounds anything', () => {
    const figure = drawn(angleCurves(given, { cut: 'head', log: false }));
    expect(lines(figure, 0)[0]!.data).toEqual([
      [1, 0],
      [2, 10],
    ]);
    expect(lines(figure, 1)[0]!.data[1]).toEqual([2, 20]);
    const texts = elements(figure).flatMap(({ style }) => style.text ?? []);
    expect(texts.filter((text) => text === 'random subspaces, median')).toHaveLength(2);
    const bounds = elements(figure).filter(
      ({ type, style }) => type === 'line' && style.stroke === given.styles[0]!.colour,
    );
    expect(bounds).toHaveLength(2);
    expect(figure.caption.join(' ')).toContain(
      'Counting dimensions forces no angle to 0: k = 2 is at most half of 8.',
    );
    expect(figure.summary).toEqual([
      'sft: output side median 5.00°, largest 10.0°; input side median 10.5°, largest 20.0°.',
      'sft: gap at the cut 1.0 % of s_k, the update reaches 20.0 %: the k-th direction may turn freely; no angle can exceed 35.0°.',
    ]);
  });

  it('shades the angles that counting forces to 0', () => {
    expect([forcedZeros(2, 8), forcedZeros(5, 8), forcedZeros(8, 8)]).toEqual([0, 2, 8]);
    const wide = subject({
      curves: [curve('sft', 'angles-left', [0, 1, 2, 3, 4]), curve('sft', 'angles-right', [0, 0, 2, 3, 4])],
    });
    const figure = drawn(angleCurves(wide, { cut: 'head', log: false }));
    const shaded = elements(figure).filter(({ style }) => style.text === '0 by counting');
    expect(shaded).toHaveLength(1);
    expect(figure.caption.join(' ')).toContain('0 of the output side and 2 of the input side');
  });

  it('shows the tail on request, and why there is none', () => {
    const tail = drawn(angleCurves(given, { cut: 'tail', log: false }));
    expect(lines(tail)[0]!.data[0]).toEqual([1, 60]);
    expect(tail.caption.join(' ')).toContain('k trailing');
    const noise = subject({
      rows: [value('sft', 'angles.tail.left.median', 0, { value: null, reason: 'the tail is noise' })],
    });
    expect(none(angleCurves(noise, { cut: 'tail', log: false })).reason).toBe('No curve: the tail is noise.');
  });
});

describe('the update', () => {
  it('holds its energy in its first directions, and marks the ranks', () => {
    expect(cumulativeEnergy([3, 4, 0])).toEqual([9 / 25, 1, 1]);
    const given = subject({
      curves: [curve('rl', 'update-spectrum', [3, 1, 0])],
      rows: [
        value('rl', 'rank.energy-50', 1, { unit: 'dimensions', baseline: 3 }),
        value('rl', 'rank.energy-90', 1, { unit: 'dimensions', baseline: 6 }),
        value('rl', 'rank.energy-99', 2, { unit: 'dimensions', baseline: 8 }),
      ],
    });
    const figure = drawn(updateSpectrum(given, { log: false }));
    expect(lines(figure, 1)[0]!.data).toEqual([
      [1, 0.9],
      [2, 1],
      [3, 1],
    ]);
    expect(figure.summary).toEqual([
      'rl: energy of the update, 50 % in 1 (chance 3), 90 % in 1 (chance 6), 99 % in 2 (chance 8) directions.',
    ]);
  });

  it('splits into four parts that add up to all of it, beside an isotropic update', () => {
    const share = (measure: string, number: number, baseline: number) =>
      value('sft', measure, number, { unit: 'share', baseline });
    const given = subject({
      rows: [
        share('energy.two-sided', 0.3, 4 / 96),
        share('energy.spectral', 0.1, 2 / 96),
        share('energy.rotational', 0.2, 2 / 96),
        share('energy.left', 0.5, 2 / 12),
        share('energy.right', 0.6, 2 / 8),
      ],
    });
    const [sft, chance] = energyBars(given);
    expect(sft!.shares.map((part) => Number(part.toFixed(9)))).toEqual([0.1, 0.2, 0.5, 0.2]);
    expect(chance!.label).toBe('isotropic update');
    for (const { shares } of [sft!, chance!])
      expect(shares.reduce((total, part) => total + part, 0)).toBeCloseTo(1, 12);
    const figure = drawn(energyShares(given));
    expect(figure.table.cell(0, 2)).toBe('20.0 %');
    expect(figure.caption.join(' ')).toContain('k² / (mn) = 4.2 %');
    const top = figure.cursor.boxes(FRAME, 0)[0]!.top;
    expect(figure.cursor.at(FRAME, { x: 300, y: top + 2 })).toBe(0);
    expect(figure.cursor.at(FRAME, { x: 300, y: 1 })).toBeNull();
  });

  it('is followed by rescaling singular values, when that was asked for', () => {
    expect(none(svfFactors(subject())).reason).toBe('Not computed: this measure is optional.');
    const figure = drawn(svfFactors(subject({ curves: [curve('sft', 'svf-z', [1.1, 0.9, 'NaN'])] })));
    expect(lines(figure)[0]!.data).toEqual([
      [1, 1.1],
      [2, 0.9],
      [3, null],
    ]);
    expect(figure.table.cell(2, 1)).toBe('NaN');
  });
});

describe('steps', () => {
  const bins = (counts: Readonly<Record<number, number>>): number[] =>
    STEP_BINS.map((_, bin) => counts[bin] ?? 0);

  it('are shares of the weights by bin', () => {
    const given = subject({
      curves: [curve('sft', 'ulp-steps', bins({ 0: 60, 1: 30, 2: 10 }))],
      rows: [value('sft', 'update.one-step', 0.75, { unit: 'share' })],
    });
    const figure = drawn(ulpSteps(given, { log: false }));
    expect(lines(figure)[0]!.data.slice(0, 4)).toEqual([
      [0, 0.6],
      [1, 0.3],
      [2, 0.1],
      [3, 0],
    ]);
    expect(figure.summary).toEqual([
      'sft: 60.0 % of 100 weights unchanged; of those that moved, 75.0 % by a single step.',
    ]);
    expect(figure.cursor.name(3)).toBe('steps = 3–4');
  });

  it('are read by magnitude, up and down apart, around the rounding boundary', () => {
    const document = StepsDocument.parse({
      schema: 'polarimeter.steps/1',
      tensor: 't',
      variant: 'sft',
      reference: 'base',
      invalid: 3,
      magnitudes: [
        { exponent: null, weights: 4, up: bins({ 1: 4 }), down: bins({}) },
        { exponent: -7, weights: 100, up: bins({ 1: 20, 10: 5 }), down: bins({ 1: 15 }) },
      ],
    });
    const [, at7] = document.magnitudes;
    const counts = signedCounts(at7!);
    expect(
      Object.fromEntries(SIGNED_BINS.map((name, i) => [name, counts[i]]).filter(([, n]) => n !== 0)),
    ).toEqual({
      '+ > 256': 5,
      '+ 1': 20,
      unchanged: 60,
      '− 1': 15,
    });
    const figure = stepsByMagnitude(document, subject().styles[0]!);
    expect(figure.cursor.name(1)).toBe('2^-7 ≤ |w| < 2^-6');
    expect(figure.cursor.lines(1).find(({ label }) => label === '+ 1')!.value).toBe('20.0 % (20)');
    expect(figure.summary).toEqual([
      'sft: 27.9 % of 104 weights moved up, 14.4 % down.',
      'Most often changed: 100 % of weights with |w| zero or subnormal; least often: 40.0 % of weights with 2^-7 ≤ |w| < 2^-6.',
      '3 weights are NaN or infinite and counted nowhere.',
    ]);
    const [cells] = figure.option(FRAME).series as unknown as { data: [number, number, number][] }[];
    // Four bins of the second magnitude hold weights, one of the first.
    expect(cells!.data).toHaveLength(5);
    const dashed = (figure.option(FRAME).graphic as { elements: { style: { lineDash?: number[] } }[] })
      .elements;
    expect(dashed.filter(({ style }) => style.lineDash !== undefined)).toHaveLength(2);
  });
});

describe('a figure that cannot be drawn', () => {
  const choice = { range: 'all', log: true, normalised: false } as const;

  it('says why in words of its own, and what to do', () => {
    const reasons = [
      subject(),
      subject({ styles: [] }),
      subject({ layout: { ...subject().layout, notSpectral: 'not a matrix: shape [12]' } }),
      subject({ layout: { ...subject().layout, kind: 'head', notSpectral: 'left out' } }),
      subject({
        fate: { compared: [], notCompared: [{ variant: 0, reason: 'shape-differs', detail: '[2] and [3]' }] },
      }),
      subject({
        rows: [
          value('sft', 'spectrum.nss', 0, { value: null, reason: 'does not fit into the memory budget' }),
        ],
      }),
      subject({
        rows: [value('sft', 'spectrum.nss', 0, { value: null, reason: 'the reference is exactly zero' })],
      }),
    ].map((given) => none(spectra(given, choice)));
    expect(reasons.map(({ reason }) => reason)).toEqual([
      'Not computed yet.',
      'All variants are hidden.',
      'No spectrum: not a matrix: shape [12].',
      'No spectrum: left out.',
      'This tensor is not compared: the shapes differ: [2] and [3].',
      'No curve: does not fit into the memory budget.',
      'No curve: the reference is exactly zero.',
    ]);
    expect(new Set(reasons.map(({ remedy }) => remedy)).size).toBe(reasons.length);
  });
});
