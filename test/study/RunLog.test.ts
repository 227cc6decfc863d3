import { appendFileSync, chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../src-main/contract/runLog.ts';
import { readRunLog } from '../../src-main/study/readRunLog.ts';
import { RunLog } from '../../src-main/study/RunLog.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const home = tempFolder();
let made = 0;
function fresh(): string {
  const folder = join(home, String(made++));
  mkdirSync(folder);
  return folder;
}

const messages = (lines: readonly LogLine[]): string[] => lines.map(({ message }) => message);

describe('RunLog', () => {
  it('tells its listener, and keeps lines of JSON over several runs', () => {
    const folder = fresh();
    const heard: LogLine[] = [];
    for (const run of ['one', 'two']) {
      using log = new RunLog(folder, (line) => heard.push(line));
      log.write({ event: 'started', message: run });
      log.write({ level: 'warning', event: 'skipped', tensor: 'a', millis: 1.5, message: `${run}: NaN` });
    }
    expect(readRunLog(folder, 100)).toEqual(heard);
    expect(messages(readRunLog(folder, 3))).toEqual(['one: NaN', 'two', 'two: NaN']);
    expect(heard[1]).toMatchObject({ level: 'warning', event: 'skipped', tensor: 'a', millis: 1.5 });
    expect(heard[0]!.ts).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(readFileSync(join(folder, 'run.log'), 'utf8').split('\n')).toHaveLength(5);
    expect(readRunLog(fresh(), 10)).toEqual([]);
  });

  it('is bounded: two files of the largest size at most, the newest lines in them', () => {
    const folder = fresh();
    const largest = 10_000;
    using log = new RunLog(folder, () => undefined, largest);
    for (let i = 0; i < 1000; i++) log.write({ event: 'tensor', message: String(i) });
    for (const name of ['run.log', 'run.log.1'])
      expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(largest);
    const kept = messages(readRunLog(folder, 1000));
    expect(kept.length).toBeGreaterThan(80);
    expect(kept).toEqual(kept.map((_, i) => String(1000 - kept.length + i)));
    expect(messages(readRunLog(folder, 2))).toEqual(['998', '999']);
  });

  it('goes on after a line that a killed process left half written', () => {
    const folder = fresh();
    appendFileSync(join(folder, 'run.log'), '{"ts":"2026-01-01T00:0');
    using log = new RunLog(folder, () => undefined);
    log.write({ event: 'started', message: 'next' });
    expect(messages(readRunLog(folder, 10))).toEqual(['next']);
  });

  it('says once that it cannot be written, and goes on for its listener', () => {
    const folder = fresh();
    mkdirSync(join(folder, 'run.log'));
    chmodSync(folder, 0o755);
    const heard: LogLine[] = [];
    using log = new RunLog(folder, (line) => heard.push(line));
    log.write({ event: 'started', message: 'one' });
    log.write({ event: 'done', message: 'two' });
    expect(heard.map(({ event }) => event)).toEqual(['started', 'not-written', 'done']);
    expect(heard[1]!.message).toContain('run.log cannot be written: Error: EISDIR');
  });
});
