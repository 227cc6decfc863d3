import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from './paths.mjs';

const EXECUTABLE = {
  darwin: join('Electron.app', 'Contents', 'MacOS', 'Electron'),
  win32: 'electron.exe',
};

/**
 * Finds an Electron binary that can open a window here. Nothing is downloaded.
 *
 * @param {{ env?: NodeJS.ProcessEnv, platform?: string, isRoot?: boolean, installed?: string }} [machine] for tests
 * @returns {{ path: string, reason: null } | { path: null, reason: string }}
 */
export function electronBinary({
  env = process.env,
  platform = process.platform,
  isRoot = process.getuid?.() === 0,
  installed = inRoot('node_modules', 'electron', 'dist'),
} = {}) {
  const folder = env.ELECTRON_OVERRIDE_DIST_PATH || installed;
  const path = join(folder, EXECUTABLE[platform] ?? 'electron');
  const none = (reason) => ({ path: null, reason });
  if (!existsSync(path))
    return none(`there is no Electron binary at ${path} (\`npx install-electron\` fetches one).`);
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY)
    return none('there is no display for a desktop window.');
  if (platform === 'linux' && isRoot) return none('Electron does not run as root with its sandbox on.');
  return { path, reason: null };
}
