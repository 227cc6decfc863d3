/** The engine process of the desktop app: the one handler on a private socket. The shell starts it and ends it. */
import { createServices } from './api/createServices.ts';
import { newToken } from './api/guard.ts';
import { startServer } from './api/startServer.ts';
import { must } from './base/assert.ts';

const socketPath = must(process.argv.at(-1), 'the shell names the socket');
const token = newToken();
const server = await startServer({ listen: { socketPath }, token, services: createServices() });

process.once('SIGTERM', () => {
  void server.close().finally(() => process.exit(0));
});
process.parentPort.postMessage({ token });
