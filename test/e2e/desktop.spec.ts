import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, expect, type Page, test } from '@playwright/test';
import { electronBinary } from '../../scripts/house/electronBinary.mjs';
import { Health } from '../../src-main/contract/routes.ts';
import type { DesktopBridge } from '../../src-main/contract/desktop.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const { path, reason } = electronBinary();
const unless = reason === null ? '' : ` (not run: ${reason})`;

/** Seen from the page. */
interface DesktopWindow extends Window {
  readonly polarimeterDesktop: DesktopBridge;
  heard: string[];
}

/** Ports of this machine that a process listens on. */
function openPorts(pid: number): string[] {
  const folder = `/proc/${String(pid)}/fd`;
  const sockets = readdirSync(folder).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(join(folder, fd)))?.[1] ?? [];
    } catch {
      // Closed since it was listed.
      return [];
    }
  });
  const listening = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((words) => words[3] === '0A')
      .map((words) => words[9] ?? ''),
  );
  return listening.filter((inode) => sockets.includes(inode));
}

async function health(page: Page): Promise<Health> {
  return Health.parse(
    await page.evaluate(async () => (await fetch('/api/health')).json() as Promise<unknown>),
  );
}

test.describe('the desktop window', () => {
  test.skip(reason !== null, reason ?? '');

  let home: string;
  let app: ElectronApplication;
  let page: Page;
  test.beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'polarimeter-desktop-'));
    app = await _electron.launch({
      executablePath: path ?? '',
      args: [ROOT, `--user-data-dir=${join(home, 'data')}`],
      env: { ...process.env, POLARIMETER_STATE: join(home, 'state') } as Record<string, string>,
    });
    page = await app.firstWindow();
  });
  test.afterEach(async () => {
    await app.close();
    rmSync(home, { recursive: true, force: true });
  });

  test(`opens, and loads its page through the private scheme${unless}`, async () => {
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(page.url()).toMatch(/^polarimeter-app:\/\/workbench\//);
  });

  test(`computes in an engine that listens on no port${unless}`, async () => {
    test.skip(process.platform !== 'linux', 'open ports are read from /proc');
    expect(openPorts((await health(page)).pid)).toEqual([]);
  });

  test(`outlives its engine${unless}`, async () => {
    const { pid } = await health(page);
    process.kill(pid, 'SIGKILL');
    await expect.poll(async () => (await health(page).catch(() => ({ pid }))).pid).not.toBe(pid);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  });

  test(`sends commands of the menu to the page${unless}`, async () => {
    await page.evaluate(() => {
      const here = window as unknown as DesktopWindow;
      here.heard = [];
      here.polarimeterDesktop.onCommand((id) => here.heard.push(id));
    });
    await app.evaluate(({ Menu }) => {
      Menu.getApplicationMenu()?.getMenuItemById('palette.open')?.click();
    });
    await expect
      .poll(() => page.evaluate(() => (window as unknown as DesktopWindow).heard))
      .toEqual(['palette.open']);
  });
});
