import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { node24, node24Environment } from './house/node24.mjs';
import { inRoot } from './house/paths.mjs';
import { runForeground } from './house/runForeground.mjs';
import { runMain } from './house/runMain.mjs';
import { setUp } from './house/setUp.mjs';
import { isSqueezed, squeezePng } from './house/squeezePng.mjs';
import { say } from './house/step.mjs';

const FOLDER = inRoot('test', 'visual', 'shots');
const MEBIBYTE = 2 ** 20;

/** Makes the pictures small; returns the bytes of all. */
function squeeze() {
  let total = 0;
  for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.png'))) {
    const path = join(FOLDER, name);
    const taken = readFileSync(path);
    // One that was squeezed before stays as it is: each time would take a little more of it.
    if (!isSqueezed(taken)) writeFileSync(path, squeezePng(taken));
    total += statSync(path).size;
  }
  return total;
}

// npm run shots [-- ARGUMENTS OF PLAYWRIGHT]: takes the pictures of test/visual anew, all of them unless -g PATTERN says which.
await runMain(async () => {
  const rest = process.argv.slice(2);
  await setUp();
  if (rest.length === 0) for (const name of readdirSync(FOLDER)) rmSync(join(FOLDER, name));
  const program = inRoot('node_modules', '@playwright', 'test', 'cli.js');
  const args = [program, 'test', '--project=visual', '--update-snapshots=changed', ...rest];
  const code = await runForeground(node24(), args, node24Environment());
  say(
    `Pictures: ${(squeeze() / MEBIBYTE).toFixed(2)} MiB in test/visual/shots. Look at each that git says has changed.`,
  );
  return code;
});
