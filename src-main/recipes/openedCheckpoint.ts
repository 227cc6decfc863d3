import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AdapterBase } from '../checkpoint/adapter/openAdapter.ts';
import { openCheckpoint } from '../checkpoint/openCheckpoint.ts';
import type { Checkpoint } from '../contract/checkpoint.ts';
import { fileIdentityIfThere } from '../tensors/fileIdentity.ts';

interface Opened {
  /** Held weakly: what no study shows any more is not kept for its next edit. */
  readonly checkpoint: WeakRef<Checkpoint>;
  readonly state: string;
}

const opened = new Map<string, Opened>();

/** Every file of the folder of a checkpoint, with what changes when it is written; null where it cannot be listed. */
function folderState(path: string): string | null {
  try {
    const folder = statSync(path).isDirectory() ? path : dirname(path);
    const names = readdirSync(folder).sort();
    return JSON.stringify(
      names.map((name) => {
        const identity = fileIdentityIfThere(join(folder, name));
        return identity ? [name, ...Object.values(identity).map(String)] : [name];
      }),
    );
  } catch {
    // The reason is told by opening it.
    return null;
  }
}

/**
 * A checkpoint with its headers, read again only when a file of its folder is not as it was: an edit of a study of a large model would take
 * seconds to read what it has, and a sweep opens the inputs of its recipes a hundred times. What an adapter is laid on may lie anywhere, so
 * adapters are always read. Fails as openCheckpoint does.
 */
export function openedCheckpoint(path: string, adapterBase?: AdapterBase): Checkpoint {
  const state = folderState(path);
  const last = opened.get(path);
  const known = last?.state === state ? last?.checkpoint.deref() : undefined;
  if (known) return known;
  const checkpoint = openCheckpoint(path, adapterBase);
  if (state !== null && checkpoint.adapter === undefined)
    opened.set(path, { checkpoint: new WeakRef(checkpoint), state });
  else opened.delete(path);
  return checkpoint;
}
