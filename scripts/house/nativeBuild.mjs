import { existsSync, readFileSync, rmSync } from 'node:fs';
import { HouseError } from './HouseError.mjs';
import { node24Environment } from './node24.mjs';
import { inRoot } from './paths.mjs';
import { runCommand } from './runCommand.mjs';

/** A build folder remembers absolute paths: one that came from another place is useless. */
function isOfThisCheckout(folder) {
  const cache = inRoot(folder, 'CMakeCache.txt');
  if (!existsSync(cache)) return true;
  return readFileSync(cache, 'utf8').includes(`CMAKE_HOME_DIRECTORY:INTERNAL=${inRoot('native')}\n`);
}

async function compilerLauncher() {
  const { code } = await runCommand('ccache', ['--version']);
  return code === 0 ? ['-DCMAKE_CXX_COMPILER_LAUNCHER=ccache'] : [];
}

/**
 * Configures (once) and builds the native code. ninja decides what is out of date.
 *
 * @param {string} folder build folder, relative to the root
 * @param {readonly string[]} options CMake definitions
 * @returns {Promise<boolean>} false when there was nothing to do
 */
export async function buildNative(folder, options) {
  if (!isOfThisCheckout(folder)) rmSync(inRoot(folder), { recursive: true });
  const env = node24Environment();
  if (!existsSync(inRoot(folder, 'build.ninja'))) {
    const args = [
      '-S',
      inRoot('native'),
      '-B',
      inRoot(folder),
      '-G',
      'Ninja',
      ...(await compilerLauncher()),
      ...options,
    ];
    await must('cmake', args, env);
  }
  const output = await must('cmake', ['--build', inRoot(folder)], env);
  return !output.includes('no work to do');
}

async function must(command, args, env) {
  const { code, output } = await runCommand(command, args, { env });
  if (code === 0) return output;
  throw new HouseError(
    'The native core did not build.',
    `The first error above says why. To repeat only this step, type: ${[command, ...args].join(' ')}`,
    output,
  );
}
