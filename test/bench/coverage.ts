/**
 * What is claimed of answers, against planted truth: how often intervals hold it, how often nothing is called something, what is found, and how
 * long a document of a sweep holds everything else up.
 *
 *   npm run bench -- coverage [--times N] [--sweeps N]
 */
import { parseArgs } from 'node:util';
import { Random } from '../../src-main/base/Random.ts';
import { detectableDifference } from '../../src-main/probes/statistics/power.ts';
import {
  pairedCoverage,
  recoveryCoverage,
  simulatedPower,
  wilsonCoverage,
  type Coverage,
} from '../fixtures/simulatedIntervals.ts';
import { claimsOf, drawnSweep, type SimulatedSweep } from '../fixtures/simulatedSweeps.ts';

const { values: options } = parseArgs({
  options: { times: { type: 'string', default: '2000' }, sweeps: { type: 'string', default: '200' } },
});
const repeated = { random: new Random(1), times: Number(options.times) };
const sweeps = Number(options.sweeps);

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const row = (...cells: (string | number)[]): void =>
  console.log(cells.map((cell, i) => String(cell).padEnd(i === 0 ? 52 : 12)).join(' '));
const coverageRow = (what: string, { given, covered, widthless }: Coverage): void =>
  row(what, percent(covered), percent(given), percent(widthless));

const SIZES = [60, 234, 600];

row('95 % interval', 'holds', 'given', 'no width');
for (const n of SIZES)
  for (const accuracy of [0.04, 0.17, 0.5])
    coverageRow(`Wilson, n ${String(n)}, ${String(accuracy)}`, wilsonCoverage(n, accuracy, repeated));
for (const n of SIZES)
  for (const [a = 0, b = 0, alike = 0] of [
    [0.5, 0.5, 0],
    [0.3, 0.4, 0.5],
    [0.3, 0.4, 0.9],
    [0.04, 0.17, 0.5],
    [0.95, 0.97, 0.5],
    [0.04, 0.05, 0.97],
    [0.5, 0.51, 0.999],
  ])
    coverageRow(
      `difference, n ${String(n)}, ${String(a)} and ${String(b)}, alike ${String(alike)}`,
      pairedCoverage({ n, accuracies: [a, b], alike }, repeated),
    );
for (const n of SIZES)
  for (const [target = 0, reference = 0] of [
    [0.04, 0.1],
    [0.04, 0.42],
    [0.3, 0.5],
  ])
    for (const [share = 0, alike = 0] of [
      [0.3, 0.5],
      [0.7, 0.5],
      [0.7, 0.9],
      [1, 0.97],
    ])
      coverageRow(
        `recovery, n ${String(n)}, ${String(target)} to ${String(reference)}, share ${String(share)}, alike ${String(alike)}`,
        recoveryCoverage(
          { n, accuracies: [target, target + share * (reference - target), reference], alike },
          repeated,
        ),
      );

row('\ndetectable difference', 'points', 'power');
for (const n of [...SIZES, 2000])
  for (const discordant of [0, 0.05, 0.2, 0.5]) {
    const difference = detectableDifference(n, discordant);
    const power = simulatedPower({ n, difference, discordant }, repeated);
    row(`n ${String(n)}, ${String(discordant)} differ`, (100 * difference).toFixed(1), percent(power));
  }

const nine = (accuracy: number): number[] => new Array<number>(9).fill(accuracy);
const sweepRow = (what: string, sweep: SimulatedSweep): void => {
  const claims = claimsOf(sweep, sweeps, 2);
  const { differs, beatsControl, beatsBoth, firstFound, verdicts } = claims;
  const said = Object.entries(verdicts).map(([verdict, share]) => `${verdict} ${percent(share)}`);
  row(
    what,
    percent(differs),
    percent(beatsControl),
    percent(beatsBoth),
    percent(firstFound),
    said.join(', '),
  );
};
row('\n9 repairs x 3 controls: any', '≠ target', '> control', '> both', 'first > both', 'gate');
for (const n of [234, 600])
  for (const alike of [0, 0.5, 0.9]) {
    const nothing = { n, target: 0.3, donor: 0.6, repairs: nine(0.3), control: 0.3, alike };
    sweepRow(`none does anything, n ${String(n)}, alike ${String(alike)}`, nothing);
    sweepRow(`the first is 10 points better, n ${String(n)}, alike ${String(alike)}`, {
      ...nothing,
      repairs: [0.4, ...nine(0.3).slice(1)],
    });
  }
for (const share of [0.6, 0.69, 0.75])
  sweepRow(`all bring back ${String(share)}, n 600, alike 0.5`, {
    ...{ n: 600, target: 0.04, donor: 0.44, control: 0.04, alike: 0.5 },
    repairs: nine(0.04 + share * 0.4),
  });

row('\na document of a sweep, 2 probes', 'first, ms', 'median, ms');
for (const [n, repairs] of [
  [600, 7],
  [2000, 8],
] as const) {
  const sweep = { n, target: 0.04, donor: 0.4, repairs: nine(0.1).slice(9 - repairs), control: 0.05 };
  const make = drawnSweep({ ...sweep, alike: 0.5, probes: 2 }, repeated.random);
  const millis = Array.from({ length: 9 }, () => {
    const start = performance.now();
    make();
    return performance.now() - start;
  });
  const [first = 0] = millis;
  const median = millis.sort((a, b) => a - b)[4] ?? 0;
  row(`${String(2 + 4 * repairs)} trials, n ${String(n)}`, first.toFixed(1), median.toFixed(1));
}
