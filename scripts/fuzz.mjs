import { node24, node24Environment } from './house/node24.mjs';
import { inRoot } from './house/paths.mjs';
import { runForeground } from './house/runForeground.mjs';
import { runMain } from './house/runMain.mjs';
import { setUp } from './house/setUp.mjs';

// npm run fuzz: lists the parsers. npm run fuzz -- PARSER... --minutes N: looks for inputs that break them.
await runMain(async () => {
  await setUp();
  return runForeground(
    node24(),
    [inRoot('test', 'fuzz', 'main.ts'), ...process.argv.slice(2)],
    node24Environment(),
  );
});
