import { fork } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import type { EngineProcess } from './EngineSupervisor.ts';
import type { EngineAddress } from './forwardRequest.ts';
import { privateSocket } from './privateSocket.ts';

/**
 * Starts the engine under plain Node on a socket of its own. What it prints goes to this process's stderr. It ends by itself when this
 * process is gone, however that ended: the channel between them closes.
 */
export function forkEngine(script: string): EngineProcess {
  const socket = privateSocket();
  const child = fork(script, [socket.socketPath], {
    execArgv: [],
    env: { ...process.env, ...compileCache() },
    stdio: ['ignore', process.stderr.fd, process.stderr.fd, 'ipc'],
  });
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      socket.remove();
      resolve();
    };
    child.once('exit', end);
    // It could not be started at all.
    child.once('error', end);
  });
  const listening = new Promise<EngineAddress>((resolve, reject) => {
    child.once('message', (message) => {
      resolve({ socketPath: socket.socketPath, token: (message as { token: string }).token });
    });
    void ended.then(() => reject(new Error('the engine ended before it listened')));
  });
  return {
    listening,
    ended,
    stop: () => {
      if (child.connected) child.send('stop');
      else child.kill();
    },
  };
}

/** Where this process keeps compiled sources, the engine does as well. */
function compileCache(): Record<string, string> {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}
