import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type Page } from '@playwright/test';
import { VIEW_TITLES, type ViewName } from '../../src-renderer/state/place.ts';
import { PROGRAM, Server } from './Server.ts';

export { PROGRAM, Server };

/** The demo study with all its results, computed by the command line. */
export function computeDemo(folder: string): void {
  execFileSync(process.execPath, [PROGRAM, 'demo', '--out', folder, '--brief'], { stdio: 'ignore' });
}

/** Shared by the tests of a worker. */
interface Shared {
  /** A folder of the demo study with all its results, computed once by the command line. */
  computedDemo: string;
}

interface Fixtures {
  server: Server;
  /** What the page complained about: errors, violations of its policy, requests to other places. */
  complaints: string[];
}

/** A page that is watched, and a server of its own for every test. */
export const test = base.extend<Fixtures, Shared>({
  computedDemo: [
    async ({}, use) => {
      const home = mkdtempSync(join(tmpdir(), 'polarimeter-demo-'));
      const folder = join(home, 'demo');
      computeDemo(folder);
      await use(folder);
      rmSync(home, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  server: async ({}, use) => {
    const server = new Server();
    await server.start();
    await use(server);
    await server.stop();
    server.remove();
  },
  complaints: async ({}, use) => {
    const complaints: string[] = [];
    await use(complaints);
    expect(complaints, 'what the page complained about').toEqual([]);
  },
  page: async ({ page, server, complaints }, use) => {
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // The browser logs every failed call; the tests look at what the page makes of it.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(new URL(server.address).origin))
        complaints.push(`request to ${request.url()}`);
    });
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    await use(page);
  },
});

export { expect } from '@playwright/test';

export async function openDemo(page: Page, server: Server): Promise<void> {
  await page.goto(server.address);
  await page.getByRole('button', { name: 'Open the demo study' }).click();
  await expect(studyName(page)).toHaveText(/Demo/);
}

/** The demo study as it is after a run; the results are those of the command line. */
export async function openComputedDemo(page: Page, server: Server, computed: string): Promise<void> {
  cpSync(computed, join(server.home, 'state', 'studies', 'demo'), { recursive: true });
  await openDemo(page, server);
  await expect(runState(page)).toHaveText('Done');
  await expect(page.getByRole('grid')).toBeVisible();
}

/** The name of the study on screen, beside the way back to the others. */
export const studyName = (page: Page) =>
  page.getByRole('navigation', { name: 'Place' }).getByRole('button', { name: /^Study/ });

/** Goes to a page of the study by the rail. */
export async function goTo(page: Page, view: ViewName): Promise<void> {
  const pages = page.getByRole('navigation', { name: 'Pages of the study' });
  await pages.getByRole('link', { name: VIEW_TITLES[view], exact: true }).click();
  await expect(page.getByRole('main')).toHaveAttribute('data-view', view);
}

/** Violations of WCAG 2.2 AA and of good practice, on the page as it is or in a part of it. */
export async function axeViolations(page: Page, part = 'html'): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .include(part)
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

/** Pixels by which the document is wider than the window. */
export async function sideways(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Opens what there is to know about the run, and returns it. */
export async function runDetails(page: Page) {
  const details = runPanel(page).getByRole('region', { name: 'Details' });
  if (!(await details.isVisible())) await page.getByRole('button', { name: 'Details', exact: true }).click();
  await expect(details).toBeVisible();
  return details;
}

export async function runToEnd(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^(Run|Resume)$/ }).click();
  await expect(runState(page)).toHaveText('Done', { timeout: 50_000 });
  await expect(page.getByRole('grid')).toBeVisible();
}

/** Which part of the model the numbers of the overview are over. */
export const scope = (page: Page) => page.getByRole('heading', { name: /^Overview/ });

export const runPanel = (page: Page) => page.getByRole('region', { name: 'Run', exact: true });

export const runState = (page: Page) => runPanel(page).getByRole('status').first();

/** Fills the form of a new study with base and one variant, leaving the second one out. */
export async function fillForm(
  page: Page,
  study: { name: string; base: string; variant: string },
): Promise<void> {
  await page.getByRole('button', { name: 'Remove variant 2' }).click();
  await page.getByLabel('Name', { exact: true }).fill(study.name);
  await page.getByRole('textbox', { name: 'Base checkpoint' }).fill(study.base);
  await page.getByLabel('Checkpoint', { exact: true }).fill(study.variant);
}

/** Makes and opens a study of six matrices. */
export async function createStudy(page: Page, server: Server, side: number): Promise<void> {
  await page.goto(server.address);
  const [baseFolder, variant] = [server.checkpoint('base', 0, side), server.checkpoint('rl-run', 1, side)];
  await fillForm(page, { name: 'Six matrices', base: baseFolder, variant });
  await page.getByRole('button', { name: 'Create the study' }).click();
  await expect(studyName(page)).toHaveText('Six matrices');
}
