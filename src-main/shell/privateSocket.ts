import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A place for the engine to listen that other users of the machine cannot reach. */
export interface PrivateSocket {
  readonly socketPath: string;
  /** Removes what was made on disk. */
  readonly remove: () => void;
}

/** A Unix socket in a fresh folder of mode 0700, or a named pipe with an unguessable name on Windows. */
export function privateSocket(platform: string = process.platform): PrivateSocket {
  if (platform === 'win32') {
    return {
      socketPath: `\\\\.\\pipe\\polarimeter-${randomBytes(16).toString('hex')}`,
      remove: () => undefined,
    };
  }
  // mkdtemp makes the folder with mode 0700 in one step.
  const folder = mkdtempSync(join(tmpdir(), 'polarimeter-'));
  return {
    socketPath: join(folder, 'engine.sock'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
