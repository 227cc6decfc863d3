import { HouseError } from './HouseError.mjs';
import { say } from './step.mjs';

/**
 * Runs the main function of a script; its number is the exit code.
 *
 * @param {() => Promise<number | void>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(error instanceof HouseError)) throw error;
    if (error.output) say(error.output.trimEnd());
    say(`\n${error.message}\n${error.remedy}`);
    process.exitCode = 1;
  }
}
