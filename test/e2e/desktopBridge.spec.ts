import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { CommandId } from '../../src-main/contract/commands.ts';
import type { DesktopBridge } from '../../src-main/contract/desktop.ts';
import { expect, openDemo, test, type Server } from './workbenchTest.ts';

/** What the tests do in place of the native window. */
interface FakeDesktop extends Window {
  polarimeterDesktop: DesktopBridge;
  chooseInMenu: (id: CommandId) => void;
}

/** Installs a bridge as the desktop app does, before the page runs: files dropped lie in `folder`, and its dialog chooses `folder`. */
async function installDesktop(page: Page, folder: string): Promise<void> {
  await page.addInitScript((home) => {
    const here = window as unknown as FakeDesktop;
    const listeners = new Set<(id: CommandId) => void>();
    here.polarimeterDesktop = {
      chooseFolder: () => Promise.resolve(home),
      onCommand: (callback) => {
        listeners.add(callback);
        return () => listeners.delete(callback);
      },
      pathOf: ({ name }) => `${home}/${name}`,
    };
    here.chooseInMenu = (id) => listeners.forEach((listener) => listener(id));
  }, folder);
}

async function chooseInMenu(page: Page, id: CommandId): Promise<void> {
  await page.evaluate((command) => (window as unknown as FakeDesktop).chooseInMenu(command), id);
}

async function drop(page: Page, ...names: string[]): Promise<void> {
  const dropped = await page.evaluateHandle((all) => {
    const transfer = new DataTransfer();
    for (const name of all) transfer.items.add(new File([], name));
    return transfer;
  }, names);
  await page.getByText('Drop checkpoint folders').dispatchEvent('drop', { dataTransfer: dropped });
}

function twoCheckpoints(server: Server): void {
  server.checkpoint('tiny-base', 0);
  server.checkpoint(join('runs', 'tiny-grpo'), 1);
}

test('commands of the native menu are done by the page, from every page', async ({ page, server }) => {
  await installDesktop(page, server.home);
  await openDemo(page, server);
  await chooseInMenu(page, 'palette.open');
  await expect(page.getByRole('dialog', { name: 'Command palette' })).toBeVisible();
  await chooseInMenu(page, 'palette.open');
  await expect(page.getByRole('dialog', { name: 'Command palette' })).toBeHidden();
  await chooseInMenu(page, 'view.map');
  await expect(page.getByRole('main')).toHaveAttribute('data-view', 'map');
  await chooseInMenu(page, 'theme.dark');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  // What cannot be done here is not done: nothing runs, so nothing can be cancelled.
  await chooseInMenu(page, 'run.cancel');

  const name = page.getByLabel('Name', { exact: true });
  await chooseInMenu(page, 'study.new');
  await expect(name).toBeFocused();
  await expect(name).toBeInViewport();
  await page.getByRole('heading', { level: 1 }).click();
  await chooseInMenu(page, 'study.new');
  await expect(name).toBeFocused();

  await page.goBack();
  await expect(page.getByRole('main')).toHaveAttribute('data-view', 'map');
  await chooseInMenu(page, 'study.open');
  // The chosen folder is none of a study; the page says so, on the page where studies are opened.
  await expect(page.getByRole('alert')).toContainText(server.home);
  await expect(page).toHaveURL(/#\/$/);
});

test('folders dropped on the desktop window fill the form by their paths', async ({ page, server }) => {
  twoCheckpoints(server);
  await installDesktop(page, server.home);
  await page.goto(server.address);
  await drop(page, 'tiny-base', 'runs/tiny-grpo');
  await expect(page.getByText(/^Added .*tiny-base.*tiny-grpo/)).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Base checkpoint' })).toHaveValue(
    join(server.home, 'tiny-base'),
  );
  await expect(page.getByLabel('Checkpoint', { exact: true })).toHaveValue(
    join(server.home, 'runs', 'tiny-grpo'),
  );
  await expect(page.getByLabel('Role')).toHaveValue('rl');
});

test('in a browser a study is opened and begun from every page as well', async ({ page, server }) => {
  await openDemo(page, server);
  await page.keyboard.press('Control+o');
  const dialog = page.getByRole('dialog', { name: 'Open a study folder' });
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await page.goBack();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('new study');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
});
