import { main } from '../../src-main/cli/main.ts';
import { MemoryTerminal } from './MemoryTerminal.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, as if typed in `folder` with output to pipes. */
export async function runCommand(folder: string, ...argv: string[]): Promise<Outcome> {
  const terminal = new MemoryTerminal({ folder });
  const code = await main(argv, terminal);
  return { code, stdout: terminal.stdout, stderr: terminal.stderr };
}
