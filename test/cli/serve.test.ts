import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Health } from '../../src-main/contract/routes.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/polarimeter.mjs', import.meta.url));
const DEMO = fileURLToPath(new URL('../../resources/demo', import.meta.url));
const home = tempFolder();
const isBuilt = existsSync(join(DEMO, '..', '..', 'out', 'renderer', 'index.html'));

/** `polarimeter serve` with a temporary folder of its own, in which the sockets of its engines lie. */
class Front {
  readonly temporary: string;
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #end: Promise<[number | null]>;
  #errors = '';
  #address: URL | null = null;

  constructor(name: string, ...args: string[]) {
    this.temporary = join(home, name);
    mkdirSync(this.temporary, { recursive: true });
    this.child = spawn(process.execPath, [LAUNCHER, 'serve', ...args], {
      env: { ...process.env, TMPDIR: this.temporary, POLARIMETER_STATE: join(home, `${name}-state`) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
    this.#end = once(this.child, 'close') as Promise<[number | null]>;
  }

  get errors(): string {
    return this.#errors;
  }

  async ask(path: string): Promise<Response> {
    this.#address ??= new URL(((await once(this.child.stdout, 'data')) as [Buffer])[0].toString().trim());
    const { origin, searchParams } = this.#address;
    return fetch(`${origin}${path}`, {
      headers: { authorization: `Bearer ${searchParams.get('token') ?? ''}` },
    });
  }

  async enginePid(): Promise<number> {
    return Health.parse(await (await this.ask('/api/health')).json()).pid;
  }

  async end(signal?: 'SIGINT' | 'SIGKILL'): Promise<number | null> {
    if (signal) this.child.kill(signal);
    return (await this.#end)[0];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('serve and its engine', () => {
  it('computes in a process of its own, and starts another one when that is killed', async () => {
    const front = new Front('killed');
    const first = await front.enginePid();
    expect(first).not.toBe(front.child.pid);
    process.kill(first, 'SIGKILL');
    await expect.poll(() => isAlive(first)).toBe(false);
    const second = await front.enginePid();
    expect([first, front.child.pid]).not.toContain(second);
    expect(front.errors).toContain('the engine ended; starting it again in 200 ms');
    expect(await front.end('SIGINT')).toBe(0);
    expect(isAlive(second)).toBe(false);
    expect(readdirSync(front.temporary)).toEqual([]);
  });

  it('leaves no engine behind when it is killed itself', async () => {
    const front = new Front('orphan');
    const engine = await front.enginePid();
    expect(readdirSync(front.temporary)).toHaveLength(1);
    await front.end('SIGKILL');
    await expect.poll(() => isAlive(engine), { timeout: 10_000 }).toBe(false);
    await expect.poll(() => readdirSync(front.temporary)).toEqual([]);
  });

  it.skipIf(!isBuilt)(
    `hands out pages itself while the engine does not answer${isBuilt ? '' : ' (pages are not built)'}`,
    async () => {
      const front = new Front('pages');
      const engine = await front.enginePid();
      process.kill(engine, 'SIGSTOP');
      const page = await front.ask('/index.html');
      process.kill(engine, 'SIGCONT');
      expect(page.status).toBe(200);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      await front.end('SIGINT');
    },
  );

  it('opens the study first: a folder that is none ends it with the error and no address', async () => {
    const front = new Front('nothing', join(home, 'nowhere'));
    let printed = '';
    front.child.stdout.on('data', (data: Buffer) => (printed += data.toString()));
    expect(await front.end()).toBe(2);
    expect([printed, front.errors]).toEqual(['', expect.stringContaining('no study.json here')]);
  });

  it('names the study in the address', async () => {
    const folder = join(home, 'study');
    cpSync(DEMO, folder, { recursive: true });
    const front = new Front('named', folder);
    const [line] = (await once(front.child.stdout, 'data')) as [Buffer];
    expect(line.toString()).toMatch(/\/\?token=[\w-]+#\/study\/[\w-]{16}\n$/);
    expect(await front.end('SIGINT')).toBe(0);
  });
});
