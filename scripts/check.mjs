import { runMain } from './house/runMain.mjs';
import { runStages, stageLines } from './house/runStages.mjs';
import { ensureNodePackages } from './house/nodePackages.mjs';
import { STATIC_CHECKS } from './house/staticChecks.mjs';
import { step } from './house/step.mjs';
import { ensureSystemPackages, TEST_PACKAGES } from './house/systemPackages.mjs';
import { sum } from './house/tally.mjs';

// npm run check: types, lint and format, nothing built and nothing run.
await runMain(async () => {
  await step('set-up: packages from package-lock.json', ensureNodePackages);
  const clangFormat = TEST_PACKAGES.filter((one) => one.debian === 'clang-format');
  await step('set-up: clang-format', () => ensureSystemPackages(clangFormat));
  const stages = STATIC_CHECKS.map((check) => ({ ...check, group: 'static' }));
  const outcomes = await runStages(stages, (outcome) => console.log(stageLines(outcome).join('\n')));
  return sum(outcomes.map((outcome) => outcome.tally)).failed === 0 ? 0 : 1;
});
