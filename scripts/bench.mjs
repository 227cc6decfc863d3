import { existsSync, readdirSync } from 'node:fs';
import { HouseError } from './house/HouseError.mjs';
import { node24, node24Environment } from './house/node24.mjs';
import { inRoot } from './house/paths.mjs';
import { runForeground } from './house/runForeground.mjs';
import { runMain } from './house/runMain.mjs';
import { setUp } from './house/setUp.mjs';
import { say } from './house/step.mjs';

const FOLDER = inRoot('test', 'bench');

function benchmarks() {
  const files = existsSync(FOLDER) ? readdirSync(FOLDER).filter((file) => /\.(ts|mjs)$/.test(file)) : [];
  return new Map(
    files.sort().map((file) => [file.replace(/\.(ts|mjs)$/, ''), inRoot('test', 'bench', file)]),
  );
}

// npm run bench: lists the benchmarks. npm run bench -- NAME [ARGUMENTS]: runs one.
await runMain(async () => {
  const all = benchmarks();
  const [name, ...rest] = process.argv.slice(2);
  if (name === undefined) {
    say(
      `Benchmarks, to be run with npm run bench -- NAME [ARGUMENTS]:\n${[...all.keys()].map((one) => `  ${one}`).join('\n')}`,
    );
    return 0;
  }
  const file = all.get(name);
  if (file === undefined)
    throw new HouseError(`There is no benchmark ${name}.`, `There are: ${[...all.keys()].join(', ')}`);
  await setUp();
  return runForeground(node24(), [file, ...rest], node24Environment());
});
