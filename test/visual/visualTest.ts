import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test as base, type Page } from '@playwright/test';
import { hugeStudy } from '../fixtures/hugeStudy.ts';
import { computeDemo, Server } from '../e2e/workbenchTest.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Paths are on the pictures, so they are the same everywhere. */
const HOME = join(tmpdir(), 'polarimeter-visual');

const THEMES = ['light', 'dark'] as const;

/** The wide page is drawn at half its size: its pictures show where things are; what a letter looks like is on the others. */
export const SIZES = [
  { name: '1280', viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 },
  { name: '2560', viewport: { width: 2560, height: 1440 }, deviceScaleFactor: 0.5 },
] as const;

/** Letters and lines are drawn by the browser and by the libraries below it: pictures of another one would differ everywhere. */
interface Recorded {
  readonly chromium: string;
  readonly system: string;
}

const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'recorded.json'), 'utf8')) as Recorded;

function system(): string {
  const file = '/etc/os-release';
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const field = (name: string): string =>
    new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(text)?.[1] ?? process.platform;
  return `${field('ID')} ${field('VERSION_ID')}`;
}

interface Desks {
  /** A server that has no study. */
  emptyDesk: Server;
  /** A server with the demo study, computed. */
  demoDesk: Server;
  /** A server with the demo study, nothing of it computed. */
  freshDesk: Server;
  /** A server with the expert model of 50 443 tensors; its address opens it. */
  hugeDesk: Server;
}

async function withDesk(
  name: string,
  prepare: (home: string) => string[],
  use: (desk: Server) => Promise<void>,
) {
  const home = join(HOME, name);
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const desk = new Server(home);
  await desk.start(...prepare(home));
  await use(desk);
  await desk.stop();
  desk.remove();
}

const MINUTES = 60_000;

export const test = base.extend<{ sameMachine: undefined }, Desks>({
  sameMachine: [
    async ({ browser }, use) => {
      const chromium = browser.version().split('.')[0] ?? '';
      test.skip(
        chromium !== recorded.chromium || system() !== recorded.system,
        `pictures were taken with Chromium ${recorded.chromium} on ${recorded.system}; this is ${chromium} on ${system()}`,
      );
      await use(undefined);
    },
    { auto: true },
  ],
  emptyDesk: [async ({}, use) => withDesk('empty', () => [], use), { scope: 'worker' }],
  freshDesk: [async ({}, use) => withDesk('fresh', () => [], use), { scope: 'worker' }],
  demoDesk: [
    async ({}, use) => {
      const computed = join(HOME, 'computed');
      // Anew: what an earlier version computed is not what this one shows.
      rmSync(computed, { recursive: true, force: true });
      computeDemo(computed);
      const prepare = (home: string): string[] => {
        cpSync(computed, join(home, 'state', 'studies', 'demo'), { recursive: true });
        // When it was computed is no part of the picture.
        rmSync(join(home, 'state', 'studies', 'demo', 'run.log'), { force: true });
        return [];
      };
      await withDesk('demo', prepare, use);
    },
    { scope: 'worker', timeout: 5 * MINUTES },
  ],
  hugeDesk: [
    async ({}, use) => {
      const made = dirname(hugeStudy(join(ROOT, 'build', 'huge-study')));
      // It is kept beside the sources, wherever those are; the picture shows where this link is.
      const link = join(HOME, 'expert-model');
      mkdirSync(HOME, { recursive: true });
      rmSync(link, { force: true });
      symlinkSync(made, link);
      await withDesk('huge', () => [join(link, 'study')], use);
    },
    { scope: 'worker', timeout: 15 * MINUTES },
  ],
});

/** What the bar on top says of this machine is the same on every picture. */
const HEALTH = {
  version: '0.1.0',
  platform: 'linux',
  node: 'v24.0.0',
  pid: 1,
  engine: { isa: 'avx2', blas: 'OpenBLAS', blasCore: 'Haswell', threads: 8 },
  memoryBytes: 2 ** 34,
};

export async function open(page: Page, desk: Server): Promise<void> {
  await page.route('**/api/health', (route) => route.fulfill({ json: HEALTH }));
  await page.goto(desk.address);
}

export async function openDemo(page: Page, desk: Server): Promise<void> {
  await open(page, desk);
  await page.getByRole('button', { name: 'Open the demo study' }).click();
  await expect(page.getByRole('main')).toHaveAttribute('data-view', 'overview');
  // Nothing is under the pointer.
  await page.mouse.move(0, 0);
}

/** Goes to a view by its address, so that nothing is under the pointer and nothing has the focus. */
export async function goTo(page: Page, view: string): Promise<void> {
  await page.evaluate((name) => {
    location.hash = location.hash.replace(/^(#\/study\/[\w-]+).*$/, `$1/${name}`);
  }, view);
  await expect(page.getByRole('main')).toHaveAttribute('data-view', view.split('?')[0] ?? view);
  await settled(page);
}

/** Fonts are there and nothing on the page has changed for a while. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise<void>((resolve) => {
      const QUIET_MILLIS = 400;
      let timer = setTimeout(done, QUIET_MILLIS);
      const watch = new MutationObserver(() => {
        clearTimeout(timer);
        timer = setTimeout(done, QUIET_MILLIS);
      });
      watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
      function done(): void {
        watch.disconnect();
        resolve();
      }
    });
  });
}

/** Everything that the page asked for has come: it says nowhere that it is still reading or starting. */
export async function arrived(page: Page): Promise<void> {
  await expect(page.getByText(/^(Reading|Starting|looking)/)).toHaveCount(0, { timeout: MINUTES });
}

/** Compares the page with its picture in both themes. */
export async function shoot(page: Page, name: string): Promise<void> {
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await settled(page);
    await expect.soft(page).toHaveScreenshot(`${name}-${theme}.png`, { scale: 'device' });
  }
}

export { expect };
