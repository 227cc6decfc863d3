import { VIEWS } from '../../src-renderer/state/place.ts';
import { plantLab } from '../e2e/plantedLab.ts';
import { fillForm } from '../e2e/workbenchTest.ts';
import { finishedSweepDocument } from '../fixtures/sweepDocument.ts';
import { frozenRun } from './frozenRun.ts';
import { arrived, expect, goTo, open, openDemo, settled, shoot, SIZES, test } from './visualTest.ts';

/** What a view shows on its picture, where that is not what it opens with. */
const SHOWN: Readonly<Partial<Record<(typeof VIEWS)[number], string>>> = {
  tensor: 'tensor?tensor=model.layers.3.self_attn.q_proj.weight',
};

for (const { name: size, ...use } of SIZES) {
  test.describe(`pages at ${size}`, () => {
    test.use(use);

    test('start', async ({ page, demoDesk }) => {
      await openDemo(page, demoDesk);
      await page.goto(demoDesk.address);
      await expect(page.getByRole('link', { name: /Demo/ })).toBeVisible();
      await arrived(page);
      await shoot(page, `start-${size}`);
    });

    test('new study, filled', async ({ page, emptyDesk }) => {
      await open(page, emptyDesk);
      const base = emptyDesk.checkpoint('base', 0);
      const variant = emptyDesk.checkpoint('rl-run', 1);
      await fillForm(page, { name: 'Six matrices', base, variant });
      await page.keyboard.press('Tab');
      await expect(page.getByText(/24\.6 K parameters/)).toHaveCount(2);
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      await arrived(page);
      await shoot(page, `new-study-${size}`);
    });

    for (const view of VIEWS) {
      test(view, async ({ page, demoDesk }) => {
        test.slow();
        // What llama.cpp finds on a machine is no part of the picture.
        if (view === 'lab') await plantLab(page, {});
        await openDemo(page, demoDesk);
        await goTo(page, SHOWN[view] ?? view);
        await arrived(page);
        await shoot(page, `${view}-${size}`);
      });
    }

    test('a sweep that is done', async ({ page, demoDesk }) => {
      test.slow();
      await plantLab(page, { documents: [finishedSweepDocument()] });
      await openDemo(page, demoDesk);
      await goTo(page, 'lab');
      await arrived(page);
      await shoot(page, `lab-done-${size}`);
      await page.locator('section[data-figure="forest"]').evaluate((element) => element.scrollIntoView());
      await shoot(page, `lab-forest-${size}`);
    });

    test('palette', async ({ page, demoDesk }) => {
      await openDemo(page, demoDesk);
      await arrived(page);
      await page.keyboard.press('Control+k');
      await page.keyboard.type('q_proj');
      await expect(page.getByRole('option').first()).toContainText('q_proj');
      await shoot(page, `palette-${size}`);
    });

    test('shortcuts', async ({ page, demoDesk }) => {
      await openDemo(page, demoDesk);
      await arrived(page);
      await page.keyboard.press('?');
      await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
      await shoot(page, `shortcuts-${size}`);
    });

    test('run details', async ({ page, demoDesk }) => {
      await frozenRun(page);
      await openDemo(page, demoDesk);
      await arrived(page);
      await page.keyboard.press('l');
      await expect(page.getByRole('region', { name: 'Details' })).toContainText('17 s left');
      // The last of the frozen rates has come.
      await page.waitForTimeout(5000);
      await settled(page);
      await shoot(page, `run-details-${size}`);
    });
  });
}
