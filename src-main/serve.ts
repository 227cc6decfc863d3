import open from 'open';
import { createServices } from './api/createServices.ts';
import { newToken } from './api/guard.ts';
import { startServer, type RunningServer } from './api/startServer.ts';
import { PolarimeterError } from './contract/errors.ts';

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

export interface ServeOptions {
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port?: number;
  /** Also open the page in the default browser. */
  readonly open?: boolean;
  /** A study folder to show first. */
  readonly study?: string | undefined;
  /** Gets the one address, with its token; left out, it is printed on stdout. */
  readonly announce?: (address: string) => void;
  /** Ends the server; left out, Ctrl-C (SIGINT) and SIGTERM do. */
  readonly signal?: AbortSignal;
}

/**
 * The workbench in a browser: announces one address with its token and serves until it is stopped; runs are cancelled then and
 * can be resumed. Everything else is said on stderr.
 * fails usage (host that is not this machine, or an address in use), and the errors of opening the study
 */
export async function serve(options: ServeOptions = {}): Promise<void> {
  const { host = '127.0.0.1', port = 0 } = options;
  if (!LOOPBACK.includes(host)) {
    throw new PolarimeterError(
      'usage',
      'the workbench is served on this machine only; forward the port with ssh -L',
      host,
    );
  }
  const services = createServices();
  const token = newToken();
  const study = options.study === undefined ? null : services.hub.open(options.study);
  const server = await started({ host, port }, token, services);
  const address = `${server.url}/?token=${token}${study === null ? '' : `#/study/${study}`}`;
  const announce = options.announce ?? ((line: string) => process.stdout.write(`${line}\n`));
  announce(address);
  process.stderr.write('Serving the workbench until Ctrl-C.\n');
  if (options.open) await openBrowser(address);
  await (options.signal ? aborted(options.signal) : interrupted());
  await server.close();
}

async function started(
  listen: { host: string; port: number },
  token: string,
  services: ReturnType<typeof createServices>,
): Promise<RunningServer> {
  try {
    return await startServer({ listen, token, services });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error;
    throw new PolarimeterError(
      'usage',
      'the port is taken or not allowed; choose another, or 0 for any',
      String(listen.port),
    );
  }
}

/** Where no browser can be started, the printed address is the way in. */
async function openBrowser(address: string): Promise<void> {
  const opener = await open(address);
  opener.once('error', () =>
    process.stderr.write('No browser could be started: open the address by hand.\n'),
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The first Ctrl-C ends cleanly; a second one finds the default handler again and ends at once. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      process.off('SIGINT', end);
      process.off('SIGTERM', end);
      resolve();
    };
    process.on('SIGINT', end);
    process.on('SIGTERM', end);
  });
}
