import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { appRequest } from '../../src-main/shell/appRequest.ts';
import { APP_ORIGIN } from '../../src-main/shell/isOwnAddress.ts';
import { privateSocket } from '../../src-main/shell/privateSocket.ts';
import { ROOT } from './readSources.ts';

export interface EngineUnderTest {
  readonly child: ChildProcess;
  readonly socketPath: string;
  readonly token: string;
  /** A request as the window makes it. */
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>;
  readonly stop: () => Promise<number | null>;
}

/** Starts an engine script on a private socket under plain Node, as the desktop shell does in Electron. */
export async function startEngine(
  script: string,
  resources: string,
  state: string,
): Promise<EngineUnderTest> {
  const socket = privateSocket();
  const child = fork(join(ROOT, 'test', 'house', 'engineHost.mjs'), [script, resources, socket.socketPath], {
    env: { ...process.env, POLARIMETER_STATE: state },
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const token = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { token: string }).token));
    void ended.then((code) => reject(new Error(`the engine ended with ${String(code)} before it listened`)));
  });
  const engine = { address: () => Promise.resolve({ socketPath: socket.socketPath, token }) };
  return {
    child,
    socketPath: socket.socketPath,
    token,
    ask: (path, init) => appRequest(engine, new Request(`${APP_ORIGIN}${path}`, init)),
    stop: async () => {
      child.kill('SIGTERM');
      const code = await ended;
      socket.remove();
      return code;
    },
  };
}
