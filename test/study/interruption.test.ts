import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { LogDocument, StatusDocument } from '../../src-main/cli/documents.ts';
import { Progress, type StudyFile } from '../../src-main/contract/study.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { restingProgress } from '../../src-main/study/restingProgress.ts';
import { readRunLog } from '../../src-main/study/readRunLog.ts';
import { interruptedRun, RunLock } from '../../src-main/study/RunLock.ts';
import { Study } from '../../src-main/study/Study.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { runCommand } from '../cli/runCommand.ts';
import { smallCheckpoint, studyFile } from '../api/workbench.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/polarimeter.mjs', import.meta.url));
const LIMITS = { memoryBytes: 2 ** 30, threads: 2 };
const home = tempFolder();
const kernels = new Kernels({ threads: 2 });
afterAll(() => kernels[Symbol.dispose]());

function newStudy(name: string, layers: number): Study {
  const base = smallCheckpoint(join(home, name, 'base'), 0, { layers });
  const file: StudyFile = studyFile(base, smallCheckpoint(join(home, name, 'sft'), 1, { layers }));
  return Study.create(join(home, name, 'study'), file);
}

const tensor = (layer: number): string => `model.layers.${String(layer)}.self_attn.q_proj.weight`;

/** The lock of a process that is no more. */
function leaveLock(folder: string, trace: object): void {
  writeFileSync(join(folder, 'run.lock'), `2147483646 1\n${JSON.stringify(trace)}\nrest of an older trace`);
}

const TRACE = { startedAt: '2026-11-21T10:00:00.000Z', at: '2026-11-21T10:05:00.000Z', cutOff: {} };

describe('a run that its process did not survive', () => {
  it('is told with what was in flight, by every door, and resumed', async () => {
    using study = newStudy('told', 6);
    const { folder } = study;
    leaveLock(folder, { ...TRACE, tensors: [tensor(1), tensor(4)] });
    const progress = restingProgress(folder, study.estimate(kernels, LIMITS), 2 ** 30);
    expect(Progress.parse(progress)).toMatchObject({
      state: 'interrupted',
      done: 0,
      total: 6,
      inFlight: [tensor(1), tensor(4)],
      error: {
        code: 'run-interrupted',
        where: `${tensor(1)}, ${tensor(4)}`,
        message: expect.stringContaining('last seen at 2026-11-21T10:05:00.000Z') as string,
        remedy: 'resume the study: what was finished is kept',
      },
    });
    const status = await runCommand(folder, 'study', 'status', '.');
    expect([status.code, status.stdout]).toEqual([0, 'small: interrupted, 0 of 6 tensors are stored\n']);
    for (const { stderr } of [status, await runCommand(folder, 'study', 'show', '.')])
      expect(stderr).toContain(`interrupted: the process that computed ended before the run did`);
    const json = await runCommand(folder, 'study', 'status', '.', '--json');
    expect(StatusDocument.parse(JSON.parse(json.stdout))).toMatchObject({
      progress: { state: 'interrupted' },
    });

    const last = await study.run(kernels, { limits: { ...LIMITS, threads: 1 } });
    expect(last).toMatchObject({ state: 'done', done: 6, error: null });
    expect(interruptedRun(folder)).toBe(null);
    const lines = readRunLog(folder, 100);
    expect(lines[0]).toMatchObject({ level: 'warning', event: 'resumed' });
    expect(lines[0]!.message).toContain(`while it computed ${tensor(1)}, ${tensor(4)}`);
    // What was in flight comes last.
    const order = lines.filter(({ event }) => event === 'tensor').map((line) => line.tensor);
    expect(order.slice(-2)).toEqual([tensor(1), tensor(4)]);
    const told = await runCommand(folder, 'study', 'log', '.', '--json');
    expect(LogDocument.parse(JSON.parse(told.stdout)).lines).toEqual(lines);
    const log = await runCommand(folder, 'study', 'log', '.', '--tail', '2');
    expect(log.stdout.split('\n')).toEqual([
      expect.stringMatching(/Z {2}tensor {8}model\.layers\.4\.self_attn\.q_proj\.weight: computed \(.*\)$/),
      expect.stringMatching(/Z {2}done {10}6 of 6 tensors, 0 of them stored before, in /),
      '',
    ]);
  });

  it('twice at the same tensor is told apart, and that one is computed by itself', async () => {
    using study = newStudy('again', 4);
    leaveLock(study.folder, { ...TRACE, tensors: [tensor(0), tensor(2)], cutOff: { [tensor(2)]: 1 } });
    const { error } = restingProgress(study.folder, study.estimate(kernels, LIMITS), 2 ** 30);
    expect(error).toMatchObject({ code: 'run-keeps-ending', where: tensor(2) });
    expect(error!.remedy).toContain('leave them out with --modules or --layers');
    const flights = new Set<string>();
    await study.run(kernels, {
      limits: LIMITS,
      onProgress: ({ inFlight }) => flights.add(inFlight.join(' ')),
    });
    const last = readRunLog(study.folder, 2)[0];
    expect(last).toMatchObject({ event: 'tensor', tensor: tensor(2) });
    expect([...flights].filter((flight) => flight.includes(tensor(2)) && flight !== tensor(2))).toEqual([]);
  });

  it('is not taken for one while its process lives, and tells nothing once everything is stored', async () => {
    using study = newStudy('alive', 2);
    {
      using _lock = new RunLock(study.folder);
      expect(interruptedRun(study.folder)).toBe(null);
    }
    await study.run(kernels, { limits: LIMITS });
    leaveLock(study.folder, { ...TRACE, tensors: [tensor(0)] });
    expect(restingProgress(study.folder, study.estimate(kernels, LIMITS), 1).state).toBe('done');
  });

  it.skipIf(process.platform !== 'linux')('is told although nobody has collected its process', async () => {
    using study = newStudy('zombie', 2);
    // The shell becomes a sleep that never asks how its child ended; the child outlives the shell, which would have asked.
    const keeper = spawn('sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(keeper.stdout, 'data')) as [Buffer];
    const pid = line.toString().trim();
    const fields = (): string[] => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    await expect.poll(() => fields()[0]).toBe('Z');
    const trace = JSON.stringify({ ...TRACE, tensors: [tensor(1)] });
    writeFileSync(join(study.folder, 'run.lock'), `${pid} ${fields()[19]!}\n${trace}\n`);
    expect(interruptedRun(study.folder)?.tensors).toEqual([tensor(1)]);
    keeper.kill();
  });

  it.each([
    ['one that does not say what was in flight', '2147483646 1'],
    ['one that was cut off', '2147483646 1\n{"startedAt":"2026-'],
  ])('is told from %s', (_what, text) => {
    using study = newStudy(`old-${String(text.length)}`, 2);
    writeFileSync(join(study.folder, 'run.lock'), text);
    expect(interruptedRun(study.folder)).toEqual({ at: null, tensors: [], again: [] });
    expect(restingProgress(study.folder, { tensors: 2, cached: 0 }, 1).error).toMatchObject({
      code: 'run-interrupted',
      where: null,
    });
  });

  it('for real: killed twice in the same place, then run to its end with every result', async () => {
    const folder = join(home, 'killed');
    const file = join(folder, 'run.lock');
    const killWhen = async (
      isTime: (trace: { tensors: string[]; cutOff: Record<string, number> }) => boolean,
    ) => {
      const child = spawn(process.execPath, [LAUNCHER, 'demo', '--out', folder, '--threads', '1'], {
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        const second = existsSync(file) ? readFileSync(file, 'utf8').split('\n')[1] : '';
        if (second && isTime(JSON.parse(second) as never)) break;
        if (child.exitCode !== null) throw new Error('it came to its end before it could be killed');
      }
      child.kill('SIGKILL');
      await ended;
    };
    await killWhen(({ tensors }) => tensors.length > 0);
    const first = interruptedRun(folder)!;
    expect(first.tensors).toHaveLength(1);
    await killWhen(({ tensors, cutOff }) => tensors.some((name) => (cutOff[name] ?? 0) > 0));
    expect(interruptedRun(folder)).toMatchObject({ tensors: first.tensors, again: first.tensors });
    using study = Study.open(folder);
    // Everything else was computed before the tensor in question was tried again.
    expect(study.estimate(kernels, LIMITS)).toMatchObject({ tensors: 56, cached: 55 });
    expect(await study.run(kernels, { limits: LIMITS })).toMatchObject({
      state: 'done',
      done: 56,
      cached: 55,
    });
  }, 120_000);
});
