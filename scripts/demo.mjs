import { node24, node24Environment } from './house/node24.mjs';
import { inRoot } from './house/paths.mjs';
import { runForeground } from './house/runForeground.mjs';
import { runMain } from './house/runMain.mjs';
import { setUp } from './house/setUp.mjs';

// npm run demo: the main job on the embedded study.
await runMain(async () => {
  await setUp();
  return runForeground(
    node24(),
    [inRoot('bin', 'polarimeter.mjs'), 'demo', ...process.argv.slice(2)],
    node24Environment(),
  );
});
