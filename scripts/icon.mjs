import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HouseError } from './house/HouseError.mjs';
import { inRoot } from './house/paths.mjs';
import { runCommand } from './house/runCommand.mjs';
import { runMain } from './house/runMain.mjs';
import { say } from './house/step.mjs';

const SIDE = 1024;
const SOURCE = inRoot('src-renderer', 'public', 'icon.svg');
const TARGET = inRoot('resources', 'desktop', 'icon.png');

// node scripts/icon.mjs: draws the icon of the page as the icon of the desktop app. To be run again when the drawing changes.
await runMain(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'polarimeter-icon-'));
  try {
    const page = join(folder, 'icon.html');
    const drawing = readFileSync(SOURCE, 'utf8').replace('<svg ', `<svg width="${SIDE}" height="${SIDE}" `);
    writeFileSync(page, `<style>body { margin: 0 } svg { display: block }</style>${drawing}`);
    const { code, output } = await runCommand(process.env.POLARIMETER_CHROMIUM ?? '/usr/bin/chromium', [
      '--headless',
      '--no-sandbox',
      '--hide-scrollbars',
      '--default-background-color=00000000',
      `--window-size=${SIDE},${SIDE}`,
      `--screenshot=${TARGET}`,
      pathToFileURL(page).href,
    ]);
    if (code !== 0)
      throw new HouseError(
        'Chromium could not draw the icon.',
        output.trim().split('\n').at(-1) ?? 'It said nothing.',
      );
    say(`Drawn: ${TARGET}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
