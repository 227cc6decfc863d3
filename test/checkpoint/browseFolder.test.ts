import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { browseFolder } from '../../src-main/checkpoint/browseFolder.ts';
import { Listing } from '../../src-main/contract/routes.ts';
import { writeAdapter } from '../fixtures/adapters.ts';
import { caught } from '../fixtures/caught.ts';
import { writeCheckpoint, writeSafetensors } from '../fixtures/checkpoints.ts';
import { zeros } from '../fixtures/modelLayouts.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const root = tempFolder();
const tensors = [zeros('a', [2])];

describe('browseFolder', () => {
  it('lists folders, checkpoints and studies in natural order, and nothing else', () => {
    for (const step of [40, 5]) writeCheckpoint(join(root, `checkpoint-${String(step)}`), { tensors });
    for (const name of ['.hidden', 'study', 'broken', 'plain', 'adapter']) mkdirSync(join(root, name));
    writeFileSync(join(root, 'study', 'study.json'), '{"schema": "polarimeter.study/1", "name": "My study"}');
    writeFileSync(join(root, 'broken', 'study.json'), '{');
    writeFileSync(join(root, 'adapter', 'adapter_model.safetensors'), '');
    writeFileSync(join(root, 'notes.txt'), '');
    writeSafetensors(join(root, 'alone.safetensors'), tensors);
    writeSafetensors(join(root, 'model-00001-of-00002.safetensors'), tensors);
    symlinkSync('loop', join(root, 'loop'));
    symlinkSync(join(root, 'checkpoint-5'), join(root, 'link'));
    const listing = browseFolder(root);
    expect(Listing.parse(listing)).toEqual(listing);
    expect(listing.parent).toBe(dirname(root));
    expect(listing.entries.map(({ name, kind }) => [name, kind])).toEqual([
      ['adapter', 'folder'],
      ['alone.safetensors', 'checkpoint'],
      ['broken', 'folder'],
      ['checkpoint-5', 'checkpoint'],
      ['checkpoint-40', 'checkpoint'],
      ['link', 'checkpoint'],
      ['plain', 'folder'],
      ['study', 'study'],
    ]);
    expect(listing.entries[3]?.path).toBe(join(root, 'checkpoint-5'));
  });

  it('names the snapshots of a Hugging Face cache by repository, commit and refs', () => {
    const repository = join(root, 'hub', 'models--org--name');
    for (const commit of ['abcdef1234', '0123456789'])
      writeCheckpoint(join(repository, 'snapshots', commit), { tensors });
    mkdirSync(join(repository, 'refs'));
    writeFileSync(join(repository, 'refs', 'main'), 'abcdef1234');
    mkdirSync(join(root, 'hub', 'models--org--empty', 'blobs'), { recursive: true });
    const shown = [
      ['org/name@0123456', join(repository, 'snapshots', '0123456789'), 'checkpoint'],
      ['org/name@abcdef1 (main)', join(repository, 'snapshots', 'abcdef1234'), 'checkpoint'],
    ];
    const entries = (path: string): unknown[] =>
      browseFolder(path).entries.map(({ name, path: at, kind }) => [name, at, kind]);
    expect(entries(join(root, 'hub'))).toEqual([
      ['models--org--empty', join(root, 'hub', 'models--org--empty'), 'folder'],
      ...shown,
    ]);
    expect(entries(join(repository, 'snapshots'))).toEqual(shown);
  });

  it('takes the folder of an adapter for a checkpoint', () => {
    writeAdapter(join(root, 'adapters', 'sft'), { tensors: [] });
    expect(browseFolder(join(root, 'adapters')).entries.map(({ kind }) => kind)).toEqual(['checkpoint']);
  });

  it('has no parent at the root, and begins at home', () => {
    expect(browseFolder('/').parent).toBeNull();
    expect(browseFolder(null).path).toBe(homedir());
  });

  it('says why a folder cannot be listed', () => {
    expect(caught(() => browseFolder(join(root, 'missing'))).code).toBe('path-not-found');
    expect(caught(() => browseFolder(join(root, 'notes.txt'))).code).toBe('path-not-found');
    expect(caught(() => browseFolder(join(root, 'loop'))).code).toBe('directory-loop');
  });
});
