import { describe, expect, it } from 'vitest';
import { checkImports } from './house/checkImports.ts';
import { ENTRIES, FOLDERS, PACKAGES } from './house/importRules.ts';
import { readSources } from './house/readSources.ts';

/** The violations of one file that exists in memory only. */
const planted = (file: string, text: string): string[] =>
  checkImports(new Map([[file, text]])).map(({ what, because }) => `${what}: ${because}`);

describe('import rules', () => {
  it('hold in src-main and src-renderer', () => {
    const sources = readSources(['src-main', 'src-renderer'], /\.(ts|js|mjs|cjs|tsx|svelte)$/);
    expect(sources.size).toBeGreaterThan(20);
    expect(checkImports(sources)).toEqual([]);
  });

  it('carry a reason each, and name a folder or a package once', () => {
    const names = [...FOLDERS, ...ENTRIES].map((rule) => rule.folder);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(PACKAGES.map((rule) => rule.package)).size).toBe(PACKAGES.length);
    for (const { because } of [...FOLDERS, ...ENTRIES, ...PACKAGES])
      expect(because.length).toBeGreaterThan(15);
    for (const { mayImport } of [...FOLDERS, ...ENTRIES]) {
      if (mayImport !== 'earlier') expect(names).toEqual(expect.arrayContaining([...mayImport]));
    }
  });
});

describe('the check sees', () => {
  it.each([
    [
      'an import against the flow',
      'src-main/checkpoint/x.ts',
      `import { a } from '../study/a.ts'`,
      'study/a.ts',
    ],
    [
      'a type import against the flow',
      'src-main/base/x.ts',
      `import type { A } from '../contract/a.ts'`,
      'contract/a.ts',
    ],
    ['a re-export', 'src-main/tensors/x.ts', `export * from '../kernels/a.ts'`, 'kernels/a.ts'],
    ['a dynamic import', 'src-main/measures/x.ts', `const a = await import('../api/a.ts')`, 'api/a.ts'],
    [
      'a worker',
      'src-main/measures/x.ts',
      `new Worker(new URL('../study/w.ts', import.meta.url))`,
      'study/w.ts',
    ],
    ['a figure that reads a file', 'src-main/figures/x.ts', `import fs from 'node:fs'`, 'node:fs'],
    [
      'a figure that asks the store',
      'src-main/figures/x.ts',
      `import { a } from '../study/a.ts'`,
      'study/a.ts',
    ],
    [
      'SQL outside the store',
      'src-main/api/x.ts',
      `import { DatabaseSync } from 'node:sqlite'`,
      'node:sqlite',
    ],
    ['an entry that is imported', 'src-main/api/x.ts', `import '../engine.ts'`, 'started, not imported'],
    ['Electron in the engine', 'src-main/engine.ts', `import { app } from 'electron'`, 'electron'],
    ['the engine in the shell', 'src-main/desktop.ts', `import { a } from './api/a.ts'`, 'api/a.ts'],
    ['an unlisted package', 'src-main/api/x.ts', `import _ from 'lodash'`, 'not in the list of packages'],
    ['a part of a package', 'src-main/cli/x.ts', `import { a } from 'hono/streaming'`, 'hono/streaming'],
    ['a foreign addon', 'src-main/study/x.ts', `const at = 'build/native/polarimeter.node'`, 'addon'],
    ['a foreign require', 'src-main/study/x.ts', `const r = createRequire(import.meta.url)`, 'addon'],
    [
      'an addon loaded elsewhere',
      'src-main/study/x.ts',
      `import { loadAddon } from '../kernels/loadAddon.ts'`,
      'loadAddon',
    ],
    [
      'the renderer in the engine',
      'src-main/api/x.ts',
      `import a from '../../src-renderer/a.ts'`,
      'src-renderer/a.ts',
    ],
    [
      'the engine in the renderer',
      'src-renderer/a.ts',
      `import { a } from '../src-main/api/a.ts'`,
      'api/a.ts',
    ],
    ['Node in the renderer', 'src-renderer/a.ts', `import fs from 'node:fs'`, 'node:fs'],
    [
      'the engine in a component',
      'src-renderer/A.svelte',
      `<script lang="ts">\nimport a from '../src-main/study/a.ts'\n</script>`,
      'study/a.ts',
    ],
    ['a file in no folder', 'src-main/helpers/x.ts', '', 'no folder of the list'],
    ['an unlisted entry', 'src-main/x.ts', '', 'no folder of the list'],
  ])('%s', (_title, file, text, expected) => {
    const violations = planted(file, text);
    expect(violations.join('\n')).toContain(expected);
  });

  it.each([
    [
      'src-main/study/x.ts',
      `import { a } from '../measures/a.ts'; import { b } from './b.ts'; import 'node:sqlite'`,
    ],
    ['src-main/study/deep/x.ts', `import { a } from '../../measures/a.ts'; import { b } from '../b.ts'`],
    ['src-main/contract/x.ts', `import { z } from 'zod'`],
    ['src-main/engine.ts', `import { startServer } from './api/startServer.ts'`],
    ['src-main/desktop.ts', `import { app } from 'electron'; import { a } from './shell/a.ts'`],
    [
      'src-renderer/views/A.svelte',
      `<script lang="ts">\nimport a from '../../src-main/contract/a.ts'; import b from '../b.ts'\n</script>`,
    ],
  ])('nothing wrong in %s', (file, text) => expect(planted(file, text)).toEqual([]));
});
