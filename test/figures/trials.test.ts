import { describe, expect, it } from 'vitest';
import type { SweepDocument } from '../../src-main/contract/sweep.ts';
import { isFigure, type ChartFigure, type NoFigure } from '../../src-main/figures/chartFigure.ts';
import { trialDistance } from '../../src-main/figures/trialDistance.ts';
import { trialForest } from '../../src-main/figures/trialForest.ts';
import { gridFamilies, trialGrid } from '../../src-main/figures/trialGrid.ts';
import {
  levels,
  outcomeOf,
  pOf,
  scaleOn,
  trialSubject,
  valueText,
} from '../../src-main/figures/trialSubject.ts';
import { variantStyles } from '../../src-main/figures/variantStyle.ts';
import { finishedSweepDocument, sampleSweepDocument } from '../fixtures/sweepDocument.ts';

const STYLES = variantStyles([
  { label: 'sft', role: 'sft' },
  { label: 'rl-seed1', role: 'rl' },
]);
const THEME = {
  ink: '#17191b',
  mutedInk: '#565e64',
  rule: '#d7dbdd',
  paper: '#f8f8f6',
  fontFamily: 'Inter',
  fontSize: 12,
};
const finished = finishedSweepDocument();
const subjectOf = (document: SweepDocument, scale: 'recovery' | 'accuracy' = 'recovery') =>
  trialSubject(document, STYLES, scale);

function drawn(figure: ChartFigure | NoFigure): ChartFigure {
  if (!isFigure(figure)) throw new Error(figure.reason);
  return figure;
}

const column = ({ table }: ChartFigure, title: string): string[] => {
  const at = table.columns.indexOf(title);
  expect(at, title).toBeGreaterThanOrEqual(0);
  return Array.from({ length: table.count }, (_, row) => table.cell(row, at));
};

const labelOf = (kind: string): string[] =>
  finished.results.flatMap(({ trial }) => (trial.kind === kind ? [trial.label] : []));

describe('styles of trials', () => {
  const { styles } = subjectOf(finished);
  const styleOf = (label: string) =>
    styles.get(finished.results.find(({ trial }) => trial.label === label)!.trial.id)!;

  it('a model keeps what it has on other pages, a family its colour and marker, a control is hollow', () => {
    expect(styleOf('sft')).toMatchObject({ ...STYLES[0]!, point: 'full' });
    expect(styleOf('rl-seed1')).toMatchObject({ colour: STYLES[1]!.colour, marker: STYLES[1]!.marker });
    const [a, b] = ["top 4 directions, target's values", "top 64 directions, target's values"].map(styleOf);
    expect([a!.colour, a!.marker, a!.point]).toEqual([b!.colour, b!.marker, 'full']);
    expect(styleOf('50 % of the way to base').marker).not.toBe(a!.marker);
    for (const { trial } of finished.results)
      expect(styles.get(trial.id)!.point).toBe(trial.kind === 'control' ? 'hollow' : 'full');
  });
});

describe('what is certain of a comparison', () => {
  const paired = {
    n: 1,
    gained: 1,
    lost: 0,
    difference: 0.1,
    interval: [0, 1] as [number, number],
    p: 0.01,
    detectable: 0.1,
  };

  it('is so after the correction only; without one it stands in brackets', () => {
    expect(outcomeOf({ ...paired, pAdjusted: 0.04 })).toBe('better');
    expect(outcomeOf({ ...paired, pAdjusted: 0.06 })).toBe('open');
    expect(outcomeOf({ ...paired, difference: -0.1, pAdjusted: 0.01 })).toBe('worse');
    expect(outcomeOf({ ...paired, pAdjusted: null })).toBe('seems-better');
    expect(pOf({ ...paired, pAdjusted: 0.0604 })).toBe('0.060');
    expect(pOf({ ...paired, pAdjusted: null, p: 0.0001 })).toBe('(< 0.001)');
  });

  it('values carry their interval, or say that there is none', () => {
    expect(valueText({ value: 0.172, interval: [0.142, 0.2021] })).toBe('17.2 % [14.2, 20.2]');
    expect(valueText({ value: 1.4, interval: null })).toBe('140.0 % [no interval]');
  });
});

describe('trials that successive halving dropped', () => {
  it('are not drawn beside others: their answers are of other problems', () => {
    const running = sampleSweepDocument();
    const dropped = running.results.filter(({ state }) => state === 'dropped');
    expect(dropped).toHaveLength(1);
    const { results } = trialSubject(running, STYLES, 'recovery');
    expect(results).toEqual(running.results.filter((result) => result !== dropped[0]));
  });
});

describe('recovery against distance', () => {
  const figure = drawn(trialDistance(subjectOf(finished)));

  it('has every edited trial once, from the nearest to the farthest', () => {
    expect(column(figure, 'trial').toSorted()).toEqual(
      [...labelOf('repair'), ...labelOf('control')].toSorted(),
    );
    const distances = column(figure, 'distance').map(Number.parseFloat);
    expect(distances).toEqual(distances.toSorted((a, b) => a - b));
    expect(figure.cursor.count).toBe(27);
  });

  it('a probe without a loss shows accuracy, and the target is 0 and the donor 1 where there was one', () => {
    const subject = subjectOf(finished);
    expect(scaleOn(subject, 'ood')).toBe('recovery');
    expect(scaleOn(subject, 'id')).toBe('accuracy');
    const named = Object.fromEntries(levels(subject, 'ood').map(({ label, value }) => [label, value]));
    expect(named['sft']).toBe(0);
    expect(named['base']).toBe(1);
    expect(named['rl-seed1']).toBeCloseTo((30 - 23) / (102 - 23), 6);
    expect(levels(subject, 'id').find(({ part }) => part === 'donor')!.value).toBeCloseTo(254 / 600, 6);
  });

  it('names what brings back most in full at any width: beside the title, or below the legend', () => {
    const texts = (width: number): string[] =>
      (
        figure.option({ width, theme: THEME }).graphic as { elements: { style: { text?: string } }[] }
      ).elements.flatMap(({ style }) => style.text ?? []);
    const name = "top 64 directions, target's values";
    expect(texts(2000)).toContain(`most brought back: ${name}`);
    for (const width of [340, 700, 1000, 1300]) {
      const shown = texts(width);
      expect(shown.join(' ')).toMatch(/most brought back(?: on ood)?: top 64 directions, target's values/);
      expect(shown.filter((text) => text.includes('…'))).toEqual([]);
    }
    expect(figure.height({ width: 340, theme: THEME })).toBeGreaterThan(
      figure.height({ width: 700, theme: THEME }),
    );
  });

  it('the pointer finds the trial whose marker it is on, on every panel, and every box is in the frame', () => {
    for (const width of [340, 1000]) {
      const frame = { width, theme: THEME };
      for (let step = 0; step < figure.cursor.count; step++) {
        const boxes = figure.cursor.boxes(frame, step);
        expect(boxes).toHaveLength(2);
        for (const { left, top, width: w, height: h } of boxes) {
          expect(left).toBeGreaterThanOrEqual(0);
          expect(left + w).toBeLessThanOrEqual(width);
          expect(top + h).toBeLessThanOrEqual(figure.height(frame));
          const found = figure.cursor.at(frame, { x: left + w / 2, y: top + h / 2 })!;
          // Two trials at the same place are the same place.
          expect(figure.cursor.boxes(frame, found)).toContainEqual({ left, top, width: w, height: h });
        }
      }
    }
  });

  it('says the best repair, the best control and the models', () => {
    const [ood] = figure.summary;
    expect(ood).toContain("the best repair is top 64 directions, target's values with 64.6 %");
    expect(ood).toContain('the best control is everything from base with 100 %');
    expect(ood).toContain('sft 0 %');
  });

  it('is not there before an answer is', () => {
    const results = finished.results.map((result) => ({ ...result, probes: [] }));
    expect(isFigure(trialDistance(subjectOf({ ...finished, results })))).toBe(false);
  });
});

describe('the forest', () => {
  const figure = drawn(trialForest(subjectOf(finished), 'ood'));
  const names = column(figure, 'trial');

  it('has every trial once: models, repairs from the best on, each with its controls below it', () => {
    expect(names).toHaveLength(30);
    expect(new Set(names).size).toBe(30);
    const repairs = names.filter((name) => labelOf('repair').includes(name));
    expect(repairs[0]).toBe("top 64 directions, target's values");
    expect(repairs.at(-1)).toBe("top 4 directions, target's values");
    const best = names.indexOf("top 64 directions, target's values");
    expect(names.slice(best + 1, best + 3)).toEqual([
      "↳ straight to base as long as: top 64 directions, target's values",
      "↳ random step as long as: top 64 directions, target's values",
    ]);
    // Those of all repairs come last, below none.
    expect(names.slice(-2).toSorted()).toEqual([
      'embeddings and head alone from base',
      'everything from base',
    ]);
  });

  it('marks by sign and word what is certain after the correction', () => {
    const says = column(figure, 'against the target');
    expect(says[names.indexOf("top 64 directions, target's values")]).toBe('▲ better, p < 0.001');
    expect(says[names.indexOf('first 16.7 % of layers (0) from base')]).toMatch(/^– not certain, p 0\.\d\d$/);
    expect(says[names.indexOf('rl-seed1')]).toMatch(/^– not certain, p \(0\.09\d\)$/);
    expect(figure.summary.join(' ')).toContain('No repair is certain to beat the best of its controls.');
  });

  it('stays within a narrow page, and rows do not overlap', () => {
    const frame = { width: 340, theme: THEME };
    const boxes = names.map((_, step) => figure.cursor.boxes(frame, step)[0]!);
    for (const [i, { left, top, width, height }] of boxes.entries()) {
      expect(left + width).toBeLessThanOrEqual(340);
      expect(top).toBeCloseTo(boxes[0]!.top + i * height, 6);
      expect(figure.cursor.at(frame, { x: left + 5, y: top + height / 2 })).toBe(i);
    }
  });
});

describe('the grid', () => {
  it('spans parameters that differ, and no parameter that follows from another', () => {
    const subject = subjectOf(finished);
    expect(gridFamilies(subject)).toEqual(['reset-layers', 'restore', 'interpolate']);
    const restore = drawn(trialGrid(subject, 'restore', 'ood'));
    expect(column(restore, 'repair')).toHaveLength(4);
    // Layers follow from their share: three cells in a line, not a diagonal of nine.
    const frame = { width: 800, theme: THEME };
    const layers = drawn(trialGrid(subject, 'reset-layers', 'ood'));
    const tops = [0, 1, 2].map((step) => layers.cursor.boxes(frame, step)[0]!.top);
    expect(new Set(tops).size).toBe(1);
  });

  it('crosses out what is not certain to beat its control, in the table and in words too', () => {
    const plain = drawn(trialGrid(subjectOf(finished), 'restore', 'ood'));
    expect(column(plain, 'against its control')).toEqual(Array(4).fill('not certain'));
    expect(plain.summary.join(' ')).toContain('Every cell is crossed out');
    const id = finished.results.find(({ trial }) => trial.label.startsWith('top 64'))!.trial.id;
    const results = finished.results.map((result) => ({
      ...result,
      probes: result.probes.map((probe) =>
        result.trial.id === id && probe.versusControl
          ? { ...probe, versusControl: { ...probe.versusControl, difference: 0.05, pAdjusted: 0.01 } }
          : probe,
      ),
    }));
    const sure = drawn(trialGrid(subjectOf({ ...finished, results }), 'restore', 'ood'));
    expect(column(sure, 'against its control').filter((text) => text === 'better')).toHaveLength(1);
    expect(sure.summary.join(' ')).toContain('Certain to beat the best of their controls: top 64 directions');
  });
});

it('a sweep half-way draws what is there', () => {
  const subject = subjectOf(sampleSweepDocument());
  const frame = { width: 900, theme: THEME };
  for (const figure of [
    trialDistance(subject),
    trialForest(subject, 'ood'),
    trialForest(subject, 'id'),
    trialGrid(subject, 'restore', 'id'),
  ]) {
    const { option, height, table } = drawn(figure);
    expect(option(frame)).toHaveProperty('graphic');
    expect(height(frame)).toBeGreaterThan(40);
    expect(table.count).toBeGreaterThan(0);
  }
});
