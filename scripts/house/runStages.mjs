import { HouseError } from './HouseError.mjs';
import { tally } from './tally.mjs';

const SIDE_BY_SIDE = 2;

/** A stage never throws: what goes wrong in it is its failure, and the next one runs all the same. */
async function runStage(stage) {
  const start = performance.now();
  const result = await stage.run().catch((error) => ({
    tally: tally(0, 1),
    output:
      error instanceof HouseError
        ? `${error.output}\n${error.message}\n${error.remedy}`
        : String(error.stack),
  }));
  return { name: stage.name, seconds: (performance.now() - start) / 1000, ...result };
}

/**
 * Runs stages group after group; those of one group two at a time.
 *
 * @typedef {{ tally: import('./tally.mjs').Tally, output: string }} Result
 * @typedef {{ name: string, group: string, run: () => Promise<Result> }} Stage
 * @typedef {Result & { name: string, seconds: number }} Outcome
 * @param {readonly Stage[]} stages
 * @param {(outcome: Outcome) => void} report
 * @returns {Promise<Outcome[]>}
 */
export async function runStages(stages, report) {
  const outcomes = [];
  for (const group of new Set(stages.map((stage) => stage.group))) {
    const waiting = stages.filter((stage) => stage.group === group);
    const work = async () => {
      for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift()) {
        const outcome = await runStage(stage);
        outcomes.push(outcome);
        report(outcome);
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  }
  return outcomes;
}

/**
 * One line per stage; what a failed stage printed comes before it.
 *
 * @param {Outcome} outcome
 * @returns {string[]}
 */
export function stageLines({ name, seconds, tally: { passed, failed, skipped, skips }, output }) {
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  const lines = failed > 0 ? [output.trimEnd()] : [];
  lines.push(...skips.map((skip) => `  skipped: ${skip}`));
  lines.push(
    `${failed > 0 ? 'FAILED' : 'ok    '} ${name.padEnd(18)} ${`${seconds.toFixed(1)} s`.padStart(8)}   ${counts}`,
  );
  return lines;
}
