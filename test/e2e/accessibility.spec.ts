import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, openComputedDemo, runState, test } from './workbenchTest.ts';

async function violations(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

async function sideways(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

for (const theme of ['light', 'dark'] as const) {
  test(`no axe violations on any page, ${theme}`, async ({ page, server, computedDemo }) => {
    test.slow();
    await page.goto(server.address);
    await page.getByRole('radio', { name: theme }).check();
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Create the study' }).click();
    await expect(page.getByText('a study needs a name')).toBeVisible();
    expect(await violations(page)).toEqual([]);

    await openComputedDemo(page, server, computedDemo);
    await page
      .getByRole('row', { name: /^Weights unchanged/ })
      .getByRole('gridcell')
      .first()
      .focus();
    await expect(page.getByRole('tooltip')).toBeVisible();
    for (const name of ['In words', 'As a table', /^Definitions of all/, /^11 variants/])
      await page.getByText(name).first().click();
    await expect(page.getByRole('article').first()).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
}

test('the whole path with the keyboard alone', async ({ page, server }) => {
  await page.goto(server.address);
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      const label = await page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
      );
      if (name.test(label.trim())) return;
    }
    throw new Error(`Tab never reached ${String(name)}`);
  };
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await tabTo(/^Open the demo study$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Demo/);
  await tabTo(/^Run$/);
  await page.keyboard.press('Enter');
  await expect(runState(page)).toHaveText('Done', { timeout: 50_000 });
  await expect(page.getByRole('grid')).toBeVisible();

  // The table is one stop; arrows move inside it and show the definition of where they are.
  await tabTo(/^Weights unchanged/);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('tooltip')).toContainText('Relative update norm · sft');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('tooltip')).toBeHidden();
  await tabTo(/layer by module, 11 variants/);
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('complementary', { name: 'Read-out' })).toContainText('k_proj, layer 0');
});

test('narrow, wide and at 200 % zoom nothing runs off the page', async ({ page, server, computedDemo }) => {
  await openComputedDemo(page, server, computedDemo);
  for (const [width, height] of [
    [390, 844],
    [640, 400],
    [1280, 800],
    [2560, 1440],
  ] as const) {
    await page.setViewportSize({ width, height });
    await expect(page.getByRole('application')).toBeVisible();
    expect(await sideways(page), `sideways at ${String(width)}`).toBe(0);
  }
  await page.goto(server.address);
  for (const width of [390, 640]) {
    await page.setViewportSize({ width, height: 800 });
    expect(await sideways(page), `sideways at ${String(width)}`).toBe(0);
  }
});

test('the theme follows the system until one is chosen, and a choice is kept', async ({ page, server }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(server.address);
  const html = page.locator('html');
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(html).toHaveAttribute('data-theme', 'light');
  await page.getByRole('radio', { name: 'dark' }).check();
  await page.reload();
  await expect(html).toHaveAttribute('data-theme', 'dark');
});
