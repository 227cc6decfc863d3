import { Command } from 'commander';
import { cacheCommand } from './cache.ts';
import { claimsCommand } from './claims.ts';
import { commandsCommand } from './commands.ts';
import { compareCommand } from './compare.ts';
import { demoCommand } from './demo.ts';
import { diffCommand } from './diff.ts';
import { doctorCommand } from './doctor.ts';
import { inspectCommand } from './inspect.ts';
import { measuresCommand } from './measures.ts';
import { packageVersion } from './packageVersion.ts';
import { probeCommand } from './probe.ts';
import { recipeCommand } from './recipe.ts';
import { repairCommand } from './repair.ts';
import { resetCommand } from './reset.ts';
import { scanCommand } from './scan.ts';
import { serveCommand } from './serve.ts';
import type { Session } from './Session.ts';
import { studyCommand } from './study.ts';
import { sweepCommand } from './sweep.ts';
import { writeCommand } from './write.ts';

const EXIT_CODES = `
Exit codes: 0 done, 1 the models differ (diff only), 2 usage or input, 3 not comparable, 4 resource limit,
5 verification failed, 130 cancelled. Data goes to stdout; progress and messages go to stderr.
`;

/** The command line of Polarimeter. It writes through the session's terminal and throws instead of ending the process. */
export function createProgram(session: Session): Command {
  const { terminal } = session;
  const program = new Command('polarimeter')
    .description('Measures how SFT and RL changed the weights of a language model.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .option('--no-color', 'never colour the output (NO_COLOR does the same)')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: () => undefined,
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
      getOutHasColors: () => terminal.colour,
      getErrHasColors: () => false,
    });
  for (const add of [inspectCommand, scanCommand, diffCommand, compareCommand]) add(program, session);
  for (const add of [recipeCommand, resetCommand, writeCommand, cacheCommand]) add(program, session);
  for (const add of [probeCommand, sweepCommand, repairCommand]) add(program, session);
  for (const add of [studyCommand, claimsCommand, demoCommand]) add(program, session);
  for (const add of [measuresCommand, commandsCommand, doctorCommand, serveCommand]) add(program, session);
  return program;
}
