import { describe, expect, it } from 'vitest';
import { ProgressLine, progressText } from '../../src-main/cli/ProgressLine.ts';
import type { Progress } from '../../src-main/contract/study.ts';
import { IDLE } from '../../src-main/study/ProgressMeter.ts';
import { MemoryTerminal } from './MemoryTerminal.ts';

const RUNNING: Progress = {
  ...IDLE,
  state: 'running',
  done: 43,
  total: 1204,
  cached: 0,
  skipped: 0,
  overBudget: 0,
  tensor: 'model.layers.3.mlp.down_proj.weight',
  stage: 'decompose',
  bytesRead: 1e9,
  bytesPerSecond: 12.1e9,
  flopsPerSecond: 34.56e9,
  millisElapsed: 5000,
  millisLeft: 185_000,
  workspaceBytes: 1.2 * 2 ** 30,
  budgetBytes: 2 * 2 ** 30,
  anonymousBytes: null,
  runner: null,
  error: null,
};

describe('progressText', () => {
  it('says how much is done, how fast, with which memory and how long it will take', () => {
    expect(progressText(RUNNING)).toBe(
      '  43/1204 tensors · 3 % · 3 min 05 s left · 12.1 GB/s · 34.6 GFLOP/s · memory 1.20 GiB of 2.00 GiB · decompose model.layers.3.mlp.down_proj.weight',
    );
  });

  it('leaves out what is not known, and shows control characters of names', () => {
    const start = {
      ...RUNNING,
      done: 0,
      millisLeft: null,
      bytesPerSecond: 0,
      flopsPerSecond: 0,
      budgetBytes: 0,
    };
    expect(progressText({ ...start, stage: null, tensor: 'a\u001b[2J' })).toBe(
      '   0/1204 tensors · 0 % · a\\x1b[2J',
    );
  });
});

describe('ProgressLine', () => {
  it('redraws one line on a screen, at most ten times a second, and removes it', () => {
    const terminal = new MemoryTerminal({ live: true, columns: 40 });
    let now = 0;
    const line = new ProgressLine(terminal, () => now);
    for (now = 0; now < 1000; now += 10) line.update(RUNNING);
    line.clear();
    const redraws = terminal.stderr.split('\r\u001b[2K').slice(1);
    expect(redraws).toHaveLength(11);
    expect(redraws.at(-1)).toBe('');
    for (const text of redraws) expect(text.length).toBeLessThan(40);
    expect(terminal.stderr).not.toContain('\n');
    expect(terminal.stdout).toBe('');
  });

  it('writes whole lines, every five seconds, where there is no screen', () => {
    const terminal = new MemoryTerminal();
    let now = 0;
    const line = new ProgressLine(terminal, () => now);
    for (now = 0; now < 12_000; now += 100) line.update(RUNNING);
    line.clear();
    expect(terminal.stderr.split('\n').slice(0, -1)).toHaveLength(2);
    expect(terminal.stderr).not.toContain('\u001b');
  });
});
