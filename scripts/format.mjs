import { HouseError } from './house/HouseError.mjs';
import { runCommand } from './house/runCommand.mjs';
import { runMain } from './house/runMain.mjs';
import { nativeSources, runTool } from './house/staticChecks.mjs';

// npm run format: writes the house format into every file of ours.
await runMain(async () => {
  const results = [
    await runTool('prettier/bin/prettier.cjs', ['--write', '--log-level=warn', '.']),
    await runCommand('clang-format', ['-i', ...nativeSources()]),
  ];
  const failed = results.find((result) => result.code !== 0);
  if (failed)
    throw new HouseError('Not every file could be formatted.', 'Fix the syntax error above.', failed.output);
});
