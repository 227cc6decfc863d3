#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { node24 } from '../scripts/house/node24.mjs';
import { inRoot } from '../scripts/house/paths.mjs';
import { runForeground } from '../scripts/house/runForeground.mjs';
import { runMain } from '../scripts/house/runMain.mjs';
import { HouseError } from '../scripts/house/HouseError.mjs';

await runMain(async () => {
  if (!existsSync(inRoot('node_modules', 'zod'))) {
    throw new HouseError('Polarimeter is not set up in this checkout.', 'Type: npm run setup');
  }
  const node = node24();
  const args = process.argv.slice(2);
  if (node !== process.execPath) return runForeground(node, [fileURLToPath(import.meta.url), ...args]);
  // Compiled sources are kept beside the native core: start-up takes half as long.
  module.enableCompileCache(inRoot('build', 'compile-cache'));
  const { main } = await import('../src-main/cli/main.ts');
  return main(args);
});
