import { existsSync, readFileSync } from 'node:fs';
import { HouseError } from './HouseError.mjs';
import { pathOutsideCheckout } from './node24.mjs';
import { inRoot } from './paths.mjs';
import { runCommand } from './runCommand.mjs';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/**
 * Whether node_modules holds what the lock file says. npm writes its own record of what it installed as its last
 * act, so an interrupted install is seen as well.
 *
 * @param {{ packages: Record<string, any> }} lock
 * @param {{ packages: Record<string, any> }} installed
 */
export function matchesLock(lock, installed) {
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '' || wanted.extraneous) return true;
    const found = installed.packages[path];
    if (!found) return wanted.optional === true && !isForThisSystem(wanted);
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/** Optional packages name the systems they are for; one without such a list is needed by another system's package. */
function isForThisSystem({ os, cpu, libc }) {
  if ((!os && !cpu) || libc) return false;
  const fits = (list, value) => !list || list.includes(value);
  return fits(os, process.platform) && fits(cpu, process.arch);
}

function isInstalled() {
  const record = inRoot('node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  return matchesLock(readJson(inRoot('package-lock.json')), readJson(record));
}

/**
 * Installs the packages of the lock file when they are not there. Returns false when there is nothing to do.
 *
 * npm runs without lifecycle scripts and on the Node it came with.
 */
export async function ensureNodePackages() {
  if (isInstalled()) return false;
  const env = { ...process.env, PATH: pathOutsideCheckout() };
  const { code, output } = await runCommand(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    { env },
  );
  if (code !== 0) {
    throw new HouseError(
      'npm could not install the packages of package-lock.json.',
      'Check the network, a proxy or the registry (`npm config get registry`), then type: npm ci --ignore-scripts',
      output,
    );
  }
  return true;
}
