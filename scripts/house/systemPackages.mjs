import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { HouseError } from './HouseError.mjs';
import { runCommand } from './runCommand.mjs';

const onPath = (name) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
const header = (name) =>
  ['/usr/include', '/usr/local/include', '/opt/homebrew/include'].some((f) => existsSync(join(f, name)));

/** Debian keeps libraries in /usr/lib/<triplet>, others in lib64 or lib. */
function library(name) {
  const roots = ['/usr/lib', '/usr/lib64', '/usr/local/lib'];
  const folders = roots.filter((root) => existsSync(root)).flatMap((root) => [root, ...triplets(root)]);
  return folders.some((folder) => existsSync(join(folder, name)));
}

const triplets = (root) =>
  readdirSync(root)
    .filter((entry) => entry.endsWith('-linux-gnu'))
    .map((entry) => join(root, entry));

/** What the build needs: Debian package, Homebrew formula (null: part of macOS), and how to see that it is there. */
export const BUILD_PACKAGES = [
  { debian: 'cmake', brew: 'cmake', present: () => onPath('cmake') },
  { debian: 'ninja-build', brew: 'ninja', present: () => onPath('ninja') },
  { debian: 'g++', brew: null, present: () => onPath('g++') || onPath('clang++') },
  { debian: 'libxxhash-dev', brew: 'xxhash', present: () => header('xxhash.h') },
  {
    debian: 'libopenblas0',
    brew: null,
    present: () => process.platform === 'darwin' || library('libopenblas.so.0'),
  },
];

/** What the tests need on top. */
export const TEST_PACKAGES = [
  { debian: 'doctest-dev', brew: 'doctest', present: () => header('doctest/doctest.h') },
  { debian: 'clang-format', brew: 'clang-format', present: () => onPath('clang-format') },
  {
    debian: 'chromium',
    brew: 'chromium',
    present: () => Boolean(process.env.POLARIMETER_CHROMIUM) || onPath('chromium'),
  },
  {
    debian: 'libvulkan1',
    brew: null,
    present: () => process.platform === 'darwin' || library('libvulkan.so.1'),
  },
];

const INSTALL = ['apt-get', '-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '--no-install-recommends'];
const UPDATE = ['apt-get', '-o', 'DPkg::Lock::Timeout=300', 'update'];

/** How to become root without a password: [] when root, ['sudo', '-n'] when allowed, null when not. */
async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return (await runCommand('sudo', ['-n', 'true'])).code === 0 ? ['sudo', '-n'] : null;
}

/**
 * What a person has to type when this script may not install the packages itself.
 *
 * @param {readonly { debian: string, brew: string | null }[]} missing
 * @param {string} platform
 */
export function commandToType(missing, platform) {
  const debian = missing.map((one) => one.debian).join(' ');
  if (platform === 'linux') return `Type: sudo apt-get install -y --no-install-recommends ${debian}`;
  if (platform === 'darwin') {
    const formulas = missing.map((one) => one.brew).filter((name) => name !== null);
    const tools = formulas.length === missing.length ? '' : 'Type: xcode-select --install\n';
    return `${tools}${formulas.length === 0 ? '' : `Type: brew install ${formulas.join(' ')}`}`.trimEnd();
  }
  return `The set-up builds on Linux and macOS. On ${platform}, use WSL with Debian, or install by hand what these Debian packages hold: ${debian}`;
}

/**
 * Installs the system packages that are missing. Returns false when there is nothing to do.
 *
 * @param {readonly typeof BUILD_PACKAGES[number][]} wanted
 */
export async function ensureSystemPackages(wanted) {
  const missing = wanted.filter((one) => !one.present());
  if (missing.length === 0) return false;
  const names = missing.map((one) => one.debian);
  const prefix = process.platform === 'linux' && onPath('apt-get') ? await rootPrefix() : null;
  if (prefix === null) {
    throw new HouseError(
      `These programs or libraries are missing: ${names.join(', ')}.`,
      commandToType(missing, process.platform),
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const asRoot = (command) => runCommand(...splitCommand([...prefix, ...command]), { env });
  let result = await asRoot([...INSTALL, ...names]);
  if (result.code !== 0) {
    await asRoot(UPDATE);
    result = await asRoot([...INSTALL, ...names]);
  }
  if (result.code !== 0) {
    throw new HouseError(
      `apt-get could not install ${names.join(', ')}.`,
      commandToType(missing, process.platform),
      result.output,
    );
  }
  return true;
}

const splitCommand = ([command, ...args]) => [command, args];
