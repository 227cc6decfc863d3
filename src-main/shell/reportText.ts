import type { Health } from '../contract/routes.ts';
import { formatBytes } from '../contract/units.ts';

/** What an issue should say of the machine: like `polarimeter doctor`, and nothing about checkpoints or folders. */
export function reportText(health: Health, shell: { electron: string; chrome: string }): string {
  const { engine } = health;
  const core =
    'error' in engine
      ? `native core: ${engine.error}`
      : `native core: ${engine.isa}, ${String(engine.threads)} threads, BLAS ${engine.blas} (${engine.blasCore})`;
  return [
    `Polarimeter ${health.version} on ${health.platform}, ${formatBytes(health.memoryBytes)} of memory`,
    `Electron ${shell.electron}, Chromium ${shell.chrome}, Node ${health.node}`,
    core,
  ].join('\n');
}
