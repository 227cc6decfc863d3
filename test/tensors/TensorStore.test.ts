import { appendFileSync, chmodSync, linkSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileIdentity, sameIdentity } from '../../src-main/tensors/fileIdentity.ts';
import { TensorStore } from '../../src-main/tensors/TensorStore.ts';

let folder = '';
let path = '';
let log: string[] = [];
let store: TensorStore<number>;
/** Runs between the store's two looks at a file. */
let whileOpening: () => void;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polarimeter-store-'));
  path = join(folder, 'model');
  writeFileSync(path, 'weights');
  log = [];
  whileOpening = () => undefined;
  let next = 0;
  store = new TensorStore({
    open: () => {
      whileOpening();
      next += 1;
      log.push(`open ${String(next)}`);
      return next;
    },
    close: (handle) => log.push(`close ${String(handle)}`),
  });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const changed: Error = expect.objectContaining({ code: 'file-changed' }) as Error;

describe('the tensor store', () => {
  it('opens a file with its first lease and closes it with its last', () => {
    const first = store.acquire(path);
    const second = store.acquire(path);
    expect([first.handle, second.handle, store.openFiles]).toEqual([1, 1, 1]);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(log).toEqual(['open 1']);
    second[Symbol.dispose]();
    expect(log).toEqual(['open 1', 'close 1']);
    store.acquire(path)[Symbol.dispose]();
    expect(log).toEqual(['open 1', 'close 1', 'open 2', 'close 2']);
    expect(store.openFiles).toBe(0);
  });

  it('notices that an open file was written to', () => {
    using lease = store.acquire(path);
    appendFileSync(lease.path, 'more');
    expect(() => store.acquire(path)).toThrow(changed);
    expect(store.openFiles).toBe(1);
  });

  it('notices that another file took the place of an open one', () => {
    using lease = store.acquire(path);
    writeFileSync(`${path}.new`, 'weights');
    renameSync(`${path}.new`, path);
    expect(() => store.acquire(lease.path)).toThrow(changed);
  });

  it('notices a change since an identity was recorded', () => {
    const recorded = fileIdentity(path);
    store.acquire(path, recorded)[Symbol.dispose]();
    appendFileSync(path, 'more');
    expect(() => store.acquire(path, recorded)).toThrow(changed);
    expect(store.acquire(path).identity.size).toBe(11n);
  });

  it('notices a change while it opens the file, and closes it again', () => {
    whileOpening = () => {
      appendFileSync(path, 'more');
    };
    expect(() => store.acquire(path)).toThrow(changed);
    expect(log).toEqual(['open 1', 'close 1']);
    expect(store.openFiles).toBe(0);
  });

  it('keeps nothing of a file that cannot be opened', () => {
    whileOpening = () => {
      throw new Error('too many open files');
    };
    expect(() => store.acquire(path)).toThrow('too many open files');
    expect(store.openFiles).toBe(0);
    expect(() => store.acquire(join(folder, 'gone'))).toThrow(
      expect.objectContaining({ code: 'path-not-found' }),
    );
    expect(() => store.acquire(join(path, 'below'))).toThrow(
      expect.objectContaining({ code: 'path-not-found' }),
    );
  });

  it('closes everything when it is disposed', () => {
    const lease = store.acquire(path);
    store[Symbol.dispose]();
    lease[Symbol.dispose]();
    expect(log).toEqual(['open 1', 'close 1']);
    expect(() => store.acquire(path)).toThrow('disposed');
  });
});

describe('file identity', () => {
  it('is the same until the file changes', () => {
    const before = fileIdentity(path);
    expect(sameIdentity(before, fileIdentity(path))).toBe(true);
    appendFileSync(path, 'more');
    expect(sameIdentity(before, fileIdentity(path))).toBe(false);
  });

  it('is the same when links, permissions and other names come and go', () => {
    const before = fileIdentity(path);
    linkSync(path, join(folder, 'link'));
    rmSync(join(folder, 'link'));
    chmodSync(path, 0o600);
    expect(sameIdentity(before, fileIdentity(path))).toBe(true);
  });
});
