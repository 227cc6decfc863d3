/** Few repetitions of what `npm run bench -- coverage` does with many. Seeds are fixed: a failure is a change and never bad luck. */
import { expect, it } from 'vitest';
import { Random } from '../../src-main/base/Random.ts';
import { detectableDifference } from '../../src-main/probes/statistics/power.ts';
import {
  pairedCoverage,
  recoveryCoverage,
  simulatedPower,
  wilsonCoverage,
} from '../fixtures/simulatedIntervals.ts';

const repeated = (seed: number, times = 400): { random: Random; times: number } => ({
  random: new Random(seed),
  times,
});

/** 92 %, and three standard errors of 400 repetitions of an interval that covers 95 %. */
const LEAST = 0.92 - 0.01;
const MOST = 0.975 + 0.015;

it.each([
  [60, 0.04],
  [60, 0.5],
  [234, 0.17],
])('Wilson holds the accuracy: n = %i, %f', (n, accuracy) => {
  const { covered } = wilsonCoverage(n, accuracy, repeated(1));
  expect(covered).toBeGreaterThan(LEAST);
  expect(covered).toBeLessThan(MOST);
});

it.each([
  [60, 0.3, 0.4, 0.5],
  [60, 0.04, 0.17, 0.5],
  [234, 0.95, 0.97, 0.5],
  [600, 0.3, 0.4, 0.9],
])('the interval of a difference holds it: n = %i, %f and %f, alike %f', (n, a, b, alike) => {
  const { covered, widthless } = pairedCoverage({ n, accuracies: [a, b], alike }, repeated(2));
  expect(covered).toBeGreaterThan(LEAST);
  expect(covered).toBeLessThan(MOST);
  expect(widthless).toBe(0);
});

it('of models that answer nearly everything alike the interval still holds the difference', () => {
  const { covered, widthless } = pairedCoverage(
    { n: 60, accuracies: [0.5, 0.51], alike: 0.999 },
    repeated(3),
  );
  expect(covered).toBeGreaterThan(LEAST);
  expect(widthless).toBe(0);
});

it.each([
  [234, 0.04, 0.7, 0.1, 0.5],
  [234, 0.3, 0.3, 0.5, 0.5],
  [600, 0.04, 0.7, 0.42, 0.5],
  [600, 0.04, 1, 0.17, 0.97],
])(
  'the interval of a recovery holds it: n = %i, target %f, share %f, reference %f, alike %f',
  (n, target, share, reference, alike) => {
    const accuracies = [target, target + share * (reference - target), reference];
    const { covered, given, widthless } = recoveryCoverage({ n, accuracies, alike }, repeated(4));
    expect(covered).toBeGreaterThan(LEAST);
    expect(given).toBeGreaterThan(0.5);
    expect(widthless).toBe(0);
  },
);

it('a recovery of next to nothing has no interval most of the time, and else one that holds it', () => {
  const { covered, given } = recoveryCoverage(
    { n: 60, accuracies: [0.04, 0.082, 0.1], alike: 0.5 },
    repeated(5),
  );
  expect(given).toBeLessThan(0.35);
  expect(covered).toBeGreaterThan(LEAST);
});

it.each([
  [60, 0.2],
  [234, 0.05],
  [600, 0],
  [600, 0.1],
  [600, 0.4],
])('the difference called detectable at %i problems, %f differing, is found 80 times of 100', (n, share) => {
  const difference = detectableDifference(n, share);
  const power = simulatedPower({ n, difference, discordant: share }, repeated(6, 2000));
  expect(power).toBeGreaterThan(0.75 - 0.02);
  expect(power).toBeLessThan(0.85 + 0.02);
});
