import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { RAW_FUNCTIONS } from './rawFunctions.ts';
import type { RawAddon } from './raw.ts';

/** Where an addon may lie, and how it is loaded. Everything has a default; tests replace parts. */
export interface AddonPlaces {
  /** Value of POLARIMETER_ADDON: when set, the only place. */
  readonly override?: string | undefined;
  /** Root of the project. */
  readonly root?: string | undefined;
  /** Resources folder of a packaged desktop app. */
  readonly resources?: string | undefined;
  readonly platform?: string | undefined;
}

/**
 * Loads the native core.
 * Fails with `engine-missing`; the message lists every place that was tried, what went wrong there, and what helps.
 */
export function loadAddon(places: AddonPlaces = {}): RawAddon {
  const candidates = addonCandidates(places);
  const failures: string[] = [];
  for (const path of candidates) {
    try {
      return requireAddon(path);
    } catch (error) {
      failures.push(`${path}: ${firstLine(error)}`);
    }
  }
  const remedies = addonRemedies(failures.join('\n'), places.platform ?? process.platform);
  throw new PolarimeterError('engine-missing', loadMessage(failures, remedies), candidates[0] ?? null);
}

/** Places of the addon, best first. */
export function addonCandidates(places: AddonPlaces = {}): string[] {
  const override = places.override ?? process.env['POLARIMETER_ADDON'];
  if (override) return [resolve(override)];
  const root = places.root ?? projectRoot();
  const resources = places.resources ?? (process as { resourcesPath?: string }).resourcesPath;
  const candidates = [join(root, 'build', 'native', 'polarimeter.node')];
  if (resources) candidates.push(join(resources, 'native', 'polarimeter.node'));
  return candidates;
}

function projectRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function requireAddon(path: string): RawAddon {
  if (!existsSync(path)) throw new Error('not there');
  const addon = createRequire(import.meta.url)(path) as Partial<RawAddon>;
  const missing = RAW_FUNCTIONS.filter((name) => typeof addon[name] !== 'function');
  if (missing.length > 0) throw new Error(`of another version: ${missing.join(', ')} missing`);
  return addon as RawAddon;
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? text;
}

function loadMessage(failures: string[], remedies: string[]): string {
  const list = (lines: string[]) => lines.map((line) => `  - ${line}`).join('\n');
  return `the native core could not be loaded\ntried:\n${list(failures)}\nwhat helps:\n${list(remedies)}`;
}

/** What to do about the failures, most likely first. */
function addonRemedies(failures: string, platform: string): string[] {
  const remedies: string[] = [];
  if (process.env['POLARIMETER_ADDON'])
    remedies.push('unset POLARIMETER_ADDON, or let it name an addon that was built here');
  if (/of another version/.test(failures)) remedies.push('build again: npm run setup');
  if (/GLIBC|GLIBCXX|invalid ELF|wrong ELF|incompatible architecture|not a mach-o/i.test(failures)) {
    remedies.push('the addon was built for another system; build it on this machine: npm run setup');
  }
  if (/code signature/i.test(failures))
    remedies.push('allow it: xattr -d com.apple.quarantine, then the path of the addon');
  remedies.push('build the native core: npm run setup');
  if (platform === 'linux') {
    remedies.push(
      'if its compiler is missing: apt-get install g++ cmake ninja-build libxxhash-dev libopenblas0',
    );
  } else if (platform === 'darwin') {
    remedies.push('if its compiler is missing: xcode-select --install && brew install cmake ninja xxhash');
  } else {
    remedies.push(`Polarimeter has no native core for ${platform}; use Linux or macOS`);
  }
  return [...new Set(remedies)];
}
