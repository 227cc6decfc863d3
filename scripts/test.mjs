import { parseArgs } from 'node:util';
import { HouseError } from './house/HouseError.mjs';
import { runMain } from './house/runMain.mjs';
import { runStages, stageLines } from './house/runStages.mjs';
import { setUp } from './house/setUp.mjs';
import { closingLine, sum, tally } from './house/tally.mjs';
import { TEST_STAGES } from './house/testStages.mjs';

/** A set-up that fails is a failure like any other: what can be tested without it still is. */
const SET_UP = {
  name: 'set-up',
  group: 'set-up',
  run: async () => {
    await setUp({ tests: true });
    return { tally: tally(0, 0), output: '' };
  },
};

/** The stages named by --only, or all of them. */
function chosenStages(only) {
  if (only === undefined) return TEST_STAGES;
  const names = only.split(',');
  const known = TEST_STAGES.map((stage) => stage.name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new HouseError(`There is no test stage ${unknown.join(', ')}.`, `There are: ${known.join(', ')}`);
  }
  return TEST_STAGES.filter((stage) => names.includes(stage.name));
}

// npm test [-- --only STAGE,STAGE]
await runMain(async () => {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const stages = [SET_UP, ...chosenStages(values.only)];
  const outcomes = await runStages(stages, (outcome) => console.log(stageLines(outcome).join('\n')));
  const total = sum(outcomes.map((outcome) => outcome.tally));
  console.log(closingLine(total));
  return total.failed === 0 ? 0 : 1;
});
