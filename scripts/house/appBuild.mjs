import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { contentHash } from './contentHash.mjs';
import { HouseError } from './HouseError.mjs';
import { node24, node24Environment } from './node24.mjs';
import { inRoot } from './paths.mjs';
import { runCommand } from './runCommand.mjs';

const SOURCES = ['src-renderer', 'src-main', 'electron.vite.config.ts', 'package.json', 'package-lock.json'];
const STAMP = inRoot('out', '.sources');

/** Bundles the workbench and the desktop shell into out/. Returns false when out/ is up to date. */
export async function buildApp() {
  const sources = contentHash(SOURCES);
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sources) return false;
  rmSync(STAMP, { force: true });
  const program = inRoot('node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const { code, output } = await runCommand(node24(), [program, 'build'], { env: node24Environment() });
  if (code !== 0) {
    throw new HouseError(
      'The workbench did not build.',
      'The error above names the file and the line.',
      output,
    );
  }
  writeFileSync(STAMP, sources);
  return true;
}
