import { electronBinary } from './house/electronBinary.mjs';
import { node24, node24Environment } from './house/node24.mjs';
import { inRoot, ROOT } from './house/paths.mjs';
import { runForeground } from './house/runForeground.mjs';
import { runMain } from './house/runMain.mjs';
import { setUp } from './house/setUp.mjs';
import { say } from './house/step.mjs';

// npm start: the desktop window where it can run, else the local server and the default browser.
await runMain(async () => {
  await setUp();
  const rest = process.argv.slice(2);
  const electron = electronBinary();
  if (electron.path !== null) {
    say(`Opening the desktop window with ${electron.path}.`);
    return runForeground(electron.path, [ROOT, ...rest]);
  }
  say(`Opening the workbench in the default browser: ${electron.reason}`);
  return runForeground(
    node24(),
    [inRoot('bin', 'polarimeter.mjs'), 'serve', '--open', ...rest],
    node24Environment(),
  );
});
