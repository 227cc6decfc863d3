/** The engine process: the one handler on a private socket. A front process, the desktop shell or `serve`, starts it and ends it. */
import { rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { createHandler } from './api/createHandler.ts';
import { createServices } from './api/createServices.ts';
import { newToken } from './api/guard.ts';
import { startServer } from './api/startServer.ts';
import { must } from './base/assert.ts';

const socketPath = must(process.argv.at(-1), 'the front names the socket');
const token = newToken();
const services = createServices();
const server = await startServer({
  listen: { socketPath },
  token,
  handler: createHandler(services),
  endRequests: async () => {
    await Promise.all([services.sweeps.close(), services.hub.close(), services.checkpoints.cancel()]);
  },
});

function end(): void {
  void server.close().finally(() => process.exit(0));
}

/** Nobody is left to ask for results or to stop a run. At once: native threads need not be waited for, what is finished is stored. */
function endWithoutFront(): void {
  try {
    rmSync(socketPath, { force: true });
    if (process.platform !== 'win32') rmdirSync(dirname(socketPath));
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
}

/** Electron's channel to its utility processes; under plain Node there is none, whatever its types say. */
const { parentPort } = process as { parentPort?: Electron.ParentPort };

process.once('SIGTERM', end);
// Ctrl-C in a terminal reaches both processes; the front decides what it means.
process.on('SIGINT', () => undefined);
if (parentPort) {
  parentPort.postMessage({ token });
} else {
  process.on('message', (message) => {
    if (message === 'stop') end();
  });
  process.once('disconnect', endWithoutFront);
  process.send?.({ token });
}
