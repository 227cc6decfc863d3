import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { staticFiles } from '../../src-main/api/staticFiles.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const home = tempFolder();
const root = join(home, 'renderer');
mkdirSync(join(root, 'assets'), { recursive: true });
writeFileSync(join(root, 'index.html'), '<!doctype html>');
writeFileSync(join(root, 'assets', 'main.js'), 'go()');
writeFileSync(join(root, 'weights.bin'), 'not a page');
writeFileSync(join(home, 'secret.txt'), 'secret');
symlinkSync(join(home, 'secret.txt'), join(root, 'linked.txt'));
mkdirSync(join(home, 'renderer-private'));
writeFileSync(join(home, 'renderer-private', 'key.txt'), 'secret');

const serve = staticFiles(root);
const get = (path: string, method = 'GET'): Response | null =>
  serve(new Request(`http://127.0.0.1:1${path}`, { method }));

describe('staticFiles', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', 'no-cache', '<!doctype html>'],
    ['/index.html', 'text/html; charset=utf-8', 'no-cache', '<!doctype html>'],
    ['/assets/main.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable', 'go()'],
  ])('serves %s', async (path, type, caching, text) => {
    const reply = get(path)!;
    expect([reply.headers.get('content-type'), reply.headers.get('cache-control')]).toEqual([type, caching]);
    expect(await reply.text()).toBe(text);
  });

  it('answers HEAD without a body', async () => {
    const reply = get('/', 'HEAD')!;
    expect([reply.headers.get('content-length'), await reply.text()]).toEqual(['15', '']);
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%2frenderer-private/key.txt',
    '/..%5csecret.txt',
    '/linked.txt',
    '/%00',
    '/index.html%00.js',
    '/%',
    '/assets',
    '/assets/',
    '/weights.bin',
    '/missing.js',
    '//etc/passwd',
  ])('serves nothing for %s', (path) => {
    expect(get(path)).toBeNull();
  });

  it('serves nothing for other methods, or without a build', () => {
    expect(get('/', 'POST')).toBeNull();
    expect(staticFiles(join(home, 'nowhere'))(new Request('http://127.0.0.1:1/'))).toBeNull();
  });
});
