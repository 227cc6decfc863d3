import { type Command, InvalidArgumentError } from 'commander';
import { resolve } from 'node:path';
import { examples, withOutputOptions } from './sharedOptions.ts';
import type { Session } from './Session.ts';
import { writeJson } from './writeJson.ts';

interface ServeOptions {
  readonly port?: number;
  readonly open?: boolean;
  readonly json?: boolean;
}

/** `serve [STUDY]`: the workbench on 127.0.0.1, until Ctrl-C. */
export function serveCommand(program: Command, { terminal }: Session): void {
  withOutputOptions(program.command('serve'))
    .argument('[study]', 'a study folder to show first')
    .description('serve the workbench to a browser on this machine')
    .option('--port <n>', 'port on 127.0.0.1; 0 takes any free one', portNumber, 0)
    .option('--open', 'also open it in the default browser')
    .addHelpText('after', examples(['serve --open', 'serve --port 7070 ./base.polarimeter']))
    .action(async (study: string | undefined, { port = 0, open = false, json = false }: ServeOptions) => {
      const { serve } = await import('../serve.ts');
      await serve({
        port,
        open,
        study: study === undefined ? undefined : resolve(terminal.folder, study),
        announce: (url) => {
          if (json) writeJson(terminal, { schema: 'polarimeter.server/1', url });
          else terminal.out(`${url}\n`);
        },
      });
    });
}

const HIGHEST_PORT = 65535;

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > HIGHEST_PORT)
    throw new InvalidArgumentError('Write a port from 0 to 65535.');
  return port;
}
