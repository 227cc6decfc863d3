import { extname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import open from 'open';
import { type Handler, newToken } from './api/guard.ts';
import { projectRoot } from './api/projectRoot.ts';
import { SECURITY_HEADERS } from './api/securityHeaders.ts';
import { startServer, type RunningServer } from './api/startServer.ts';
import { staticFiles } from './api/staticFiles.ts';
import { PolarimeterError } from './contract/errors.ts';
import { EngineClient } from './shell/EngineClient.ts';
import { engineReply } from './shell/engineReply.ts';
import { EngineSupervisor } from './shell/EngineSupervisor.ts';
import { forkEngine } from './shell/forkEngine.ts';

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
 * can be resumed. This process guards the port and hands out the pages; an engine process beside it computes, and is started again when
 * it ends. Everything else is said on stderr.
 * fails usage (host that is not this machine, or an address in use), engine-stopped, and the errors of opening the study
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
  const token = newToken();
  const engine = supervised();
  try {
    const handler = frontHandler(engine);
    const server = await started({ host, port }, token, { handler, endRequests: () => engine.stop() });
    await served(server, { token, engine, options });
  } finally {
    await engine.stop();
  }
}

async function served(
  server: RunningServer,
  front: { token: string; engine: EngineSupervisor; options: ServeOptions },
): Promise<void> {
  const { options, token, engine } = front;
  try {
    const study = options.study === undefined ? null : await new EngineClient(engine).open(options.study);
    const address = `${server.url}/?token=${token}${study === null ? '' : `#/study/${study}`}`;
    // Before anyone can know the address: a Ctrl-C that comes with it must end cleanly as well.
    const stopped = options.signal ? aborted(options.signal) : interrupted();
    const announce = options.announce ?? ((line: string) => process.stdout.write(`${line}\n`));
    announce(address);
    process.stderr.write('Serving the workbench until Ctrl-C.\n');
    if (options.open) await openBrowser(address);
    await stopped;
  } finally {
    await server.close();
  }
}

function supervised(): EngineSupervisor {
  // Beside this file, in the same language: in a checkout and in a bundle.
  const script = join(import.meta.dirname, `engine${extname(import.meta.filename)}`);
  return new EngineSupervisor({
    start: () => forkEngine(script),
    now: () => performance.now(),
    wait,
    log: (message) => process.stderr.write(`polarimeter: ${message}\n`),
  });
}

/** Pages come from here, so that a window can be reloaded while there is no engine; everything under /api from the engine. */
function frontHandler(engine: EngineSupervisor): Handler {
  const pages = staticFiles(join(projectRoot(), 'out', 'renderer'));
  return async (request) => {
    const page = new URL(request.url).pathname.startsWith('/api') ? null : pages(request);
    const reply = page ?? (await engineReply(engine, request));
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) reply.headers.set(name, value);
    return reply;
  };
}

async function started(
  listen: { host: string; port: number },
  token: string,
  served: { handler: Handler; endRequests: () => Promise<void> },
): Promise<RunningServer> {
  try {
    return await startServer({ listen, token, ...served });
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
