import { buildApp } from './appBuild.mjs';
import { buildNative } from './nativeBuild.mjs';
import { ensureNodePackages } from './nodePackages.mjs';
import { say, step } from './step.mjs';
import { BUILD_PACKAGES, ensureSystemPackages, TEST_PACKAGES } from './systemPackages.mjs';

/**
 * Brings a checkout to where everything runs: packages, system packages, native core, workbench. What is there
 * already is left alone.
 *
 * @param {{ tests?: boolean }} [options] tests: also what only the tests need
 */
export async function setUp({ tests = false } = {}) {
  const start = performance.now();
  const wanted = tests ? [...BUILD_PACKAGES, ...TEST_PACKAGES] : BUILD_PACKAGES;
  await step('set-up: packages from package-lock.json', ensureNodePackages);
  await step('set-up: system packages', () => ensureSystemPackages(wanted));
  await step('set-up: native core', () => buildNative('build/native', ['-DCMAKE_BUILD_TYPE=Release']));
  await step('set-up: workbench and desktop shell', buildApp);
  say(`set-up: ready after ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
