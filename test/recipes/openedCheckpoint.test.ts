import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openedCheckpoint } from '../../src-main/recipes/openedCheckpoint.ts';
import { smallCheckpoint } from '../api/workbench.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const home = tempFolder();
const NO_BASE = { named: null, fallback: null };
const opened = (path: string) => openedCheckpoint(path, NO_BASE);

it('reads the headers of a folder again only when a file in it is not as it was', () => {
  const folder = smallCheckpoint(join(home, 'a'), 0);
  const first = opened(folder);
  expect(opened(folder)).toBe(first);

  writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: 'qwen3', hidden_size: 32 }));
  const second = opened(folder);
  expect(second.config).not.toEqual(first.config);

  smallCheckpoint(folder, 1, { layers: 2 });
  expect(opened(folder).tensors).toHaveLength(2);
});

it('says why a checkpoint that it has read cannot be opened any more', () => {
  const folder = smallCheckpoint(join(home, 'b'), 0);
  opened(folder);
  rmSync(folder, { recursive: true });
  expect(() => opened(folder)).toThrow(expect.objectContaining({ code: 'path-not-found' }) as Error);
});
