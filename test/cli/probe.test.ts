import { Command } from 'commander';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, basename } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ProbeCheckDocument } from '../../src-main/cli/documents.ts';
import { probeCommand } from '../../src-main/cli/probe.ts';
import type { OpenProbeModels } from '../../src-main/cli/ProbeModels.ts';
import { reportError } from '../../src-main/cli/reportError.ts';
import type { EvaluatorChoice, GenerationSettings } from '../../src-main/contract/evaluator.ts';
import { LmEvalDocument } from '../../src-main/contract/lmEval.ts';
import { Problem, ProbeDocument } from '../../src-main/contract/probe.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { fakeEvaluator } from '../probes/fakeEvaluator.ts';
import { writeLmEval } from '../probes/lmEvalFolder.ts';
import { MemoryTerminal } from './MemoryTerminal.ts';

const folder = tempFolder();
const opened: { choice: EvaluatorChoice; settings: GenerationSettings }[] = [];
let asked = 0;

/** Models that answer "what is N": right up to a number in their name. */
const fakeModels: OpenProbeModels = (choice, { settings }) => {
  opened.push({ choice, settings });
  return {
    load: (path) => {
      const label = basename(path);
      const limit = Number(label.replace(/\D/g, ''));
      const evaluator = fakeEvaluator((prompt) => {
        asked++;
        const number = Number(prompt.replace(/\D/g, ''));
        return String(number < limit ? number : -1);
      });
      const dispose = (): Promise<void> => Promise.resolve();
      return Promise.resolve({
        title: label,
        path,
        fingerprint: label,
        evaluator,
        [Symbol.asyncDispose]: dispose,
      });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
};

async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const terminal = new MemoryTerminal({ folder, columns: 120 });
  const session = { terminal, exitCode: 0 };
  const program = new Command('polarimeter').exitOverride().configureOutput({
    writeOut: (text) => terminal.out(text),
    writeErr: (text) => terminal.err(text),
    outputError: () => undefined,
  });
  probeCommand(program, session, fakeModels);
  let code: number;
  try {
    await program.parseAsync(['probe', ...argv], { from: 'user' });
    code = session.exitCode;
  } catch (error) {
    code = reportError(terminal, error, argv.includes('--json'));
  }
  return { code, stdout: terminal.stdout, stderr: terminal.stderr };
}

beforeAll(() => {
  const lines = Array.from({ length: 40 }, (_, i) => ({
    id: `p${i}`,
    prompt: `what is ${i}`,
    verifier: { kind: 'numeric', answer: i },
    strata: { parity: i % 2 === 0 ? 'even' : 'odd' },
    ...(i % 10 === 9 ? { twin: `p${i - 1}` } : {}),
  }));
  writeFileSync(join(folder, 'id.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
  writeFileSync(
    join(folder, 'ood.jsonl'),
    lines
      .slice(20)
      .map((line) => JSON.stringify(line))
      .join('\n'),
  );
});

const both = ['--probe', 'id=id.jsonl', '--probe', 'ood-hard=ood.jsonl'];

describe('probe', () => {
  it('prints models below each other, compared with the first on the same problems', async () => {
    const { code, stdout, stderr } = await run('base-30', 'sft-10', 'rl-35', ...both);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^id: in distribution, 40 problems \([0-9a-f]{8}\)\n/);
    expect(stdout).toMatch(/\nood-hard: out of distribution, 20 problems/);
    expect(stdout).toMatch(/\nbase-30 +75\.0 % \[59\.8, 85\.8\]\n/);
    expect(stdout).toMatch(/\n {2}parity even \(20\) +75\.0 %/);
    expect(stdout).toMatch(/\nsft-10 +25\.0 % \[14\.2, 40\.2\] +0 +20 +-50\.0 \[-65\.0, -35\.0\] +7\.6e-6 +/);
    expect(stdout).toMatch(/\nbase-30: 30 correct, 10 wrong-value\n/);
    expect(stdout).toMatch(/\nbase-30: 4 perturbed twins, 0\.0 \[/);
    expect(stdout).toMatch(/corrected by Holm over 4 comparisons/);
    expect(stdout).toMatch(
      /Answered by fake on cpu, weights F32: greedy, at most 256 tokens,\ntemplate none, 16 side by side\.\n$/,
    );
  });

  it('has the same as a document', async () => {
    const { stdout } = await run(
      'base-30',
      'forgot=sft-10',
      ...both,
      '--json',
      '--batch',
      '8',
      '--max-tokens',
      '24',
    );
    const document = ProbeDocument.parse(JSON.parse(stdout));
    expect(document.settings).toMatchObject({ batch: 8, maxTokens: 24, temperature: 0 });
    expect(document.models.map(({ label, paired }) => [label, paired.length])).toEqual([
      ['base-30', 0],
      ['forgot', 2],
    ]);
    expect(document.models[1]!.paired[0]).toMatchObject({ probe: 'id', n: 40, lost: 20, gained: 0 });
    expect(document.models[1]!.paired[0]!.pAdjusted).toBeGreaterThan(document.models[1]!.paired[0]!.p);
    expect(document.models[0]!.twins).toHaveLength(2);
    expect(document.models[0]!.probes.map(({ kind, cached }) => [kind, cached])).toEqual([
      ['id', 0],
      ['ood', 0],
    ]);
  });

  it('keeps answers, asks nothing twice, and asks anew with other settings', async () => {
    asked = 0;
    const argv = ['base-30', 'sft-10', ...both, '--out', 'kept'];
    await run(...argv);
    expect(asked).toBe(120);
    const { stdout } = await run(...argv);
    expect(asked).toBe(120);
    expect(stdout).toMatch(/; 120 answers were kept from earlier\.\nAnswers lie in .*kept\n$/);
    await run('base-30', 'rl-35', ...both, '--out', 'kept');
    expect(asked).toBe(180);
    await run('base-30', ...both, '--out', 'kept', '--max-tokens', '24');
    expect(asked).toBe(240);
    const lines = readFileSync(join(folder, 'kept', 'answers.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(lines).toHaveLength(60);
    expect(JSON.parse(lines[0]!)).toEqual({
      model: 'base-30',
      probe: 'id',
      problem: 'p0',
      correct: true,
      verdict: 'correct',
      answer: { text: '0', tokens: 1, ended: 'end' },
    });
    ProbeDocument.parse(JSON.parse(readFileSync(join(folder, 'kept', 'probe.json'), 'utf8')));
  });

  it('passes on what the user chose', async () => {
    opened.length = 0;
    await run(
      'base-30',
      '--probe',
      'id=id.jsonl',
      '--limit',
      '4',
      '--device',
      'cuda',
      '--weights',
      'F16',
      '--stop',
      '\\n',
      '--temperature',
      '0.2',
      '--seed',
      '7',
      '--tries',
      '2',
    );
    expect(opened[0]!.choice).toMatchObject({ kind: 'embedded', device: 'cuda', weights: 'F16' });
    expect(opened[0]!.settings).toMatchObject({ stop: ['\n'], temperature: 0.2, seed: 7 });
    await run(
      '--endpoint',
      'http://localhost:1/v1',
      '--model',
      'm-30',
      '--template',
      'chat',
      '--probe',
      'id=id.jsonl',
    );
    expect(opened[1]!.choice).toMatchObject({ kind: 'endpoint', api: 'chat', model: 'm-30' });
  });

  it.each([
    [['m'], /name at least one --probe/],
    [['--probe', 'id=id.jsonl'], /name at least one checkpoint or recipe/],
    [['m', '--probe', 'id.jsonl'], /write a name that begins with id or ood/],
    [['m', '--probe', 'test=id.jsonl'], /write a name that begins with id or ood/],
    [['m', '--probe', 'id=id.jsonl', '--probe', 'id=ood.jsonl'], /two probes are called id/],
    [['a=m', 'a=n', '--probe', 'id=id.jsonl'], /two models are called a/],
    [['m', '--probe', 'id=id.jsonl', '--model', 'x'], /--model names a model of --endpoint/],
    [
      ['m', '--probe', 'id=id.jsonl', '--endpoint', 'http://x/v1', '--model', 'x'],
      /the server runs the models/,
    ],
    [['--probe', 'id=id.jsonl', '--endpoint', 'http://x/v1'], /--endpoint needs --model/],
    [['--probe', 'id=id.jsonl', '--endpoint', 'ftp://x', '--model', 'x'], /--endpoint: /],
    [['m', '--probe', 'id=id.jsonl', '--temperature', 'hot'], /Write a number from 0 to 10/],
  ])('refuses %j', async (argv, message) => {
    const { code, stderr } = await run(...argv);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it('names the line of a probe that is not valid', async () => {
    writeFileSync(join(folder, 'bad.jsonl'), '{"id": 1}');
    const { code, stderr } = await run('base-30', '--probe', 'id=bad.jsonl');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/bad\.jsonl: line 1: "id"/) as string]);
  });
});

describe('probe make', () => {
  it('writes problems of a task, the same for the same seed', async () => {
    const { stdout } = await run('make', 'points', '--rule', 'ood', '--n', '3');
    const problems = stdout
      .trim()
      .split('\n')
      .map((line) => Problem.parse(JSON.parse(line)));
    expect(problems.map(({ id }) => id)).toEqual([
      'points-ood-42-0001',
      'points-ood-42-0002',
      'points-ood-42-0003',
    ]);
    expect(problems[0]!.verifier).toMatchObject({ format: 'json', grading: 'paper' });
    await run('make', 'points', '--rule', 'ood', '--n', '3', '--out', 'made.jsonl');
    expect(readFileSync(join(folder, 'made.jsonl'), 'utf8')).toBe(stdout);
    const other = await run('make', 'points', '--rule', 'ood', '--n', '3', '--seed', '7');
    expect(other.stdout).toContain('points-ood-7-0003');
    const compact = await run('make', 'points', '--rule', 'id', '--n', '1', '--format', 'compact');
    expect(Problem.parse(JSON.parse(compact.stdout)).verifier).toMatchObject({
      format: 'formula',
      grading: 'lenient',
    });
    expect((await run('make', 'rank', '--rule', 'id', '--n', '2')).stdout.split('\n')).toHaveLength(3);
    expect((await run('make', 'determinant', '--rule', 'id', '--n', '2')).stdout.split('\n')).toHaveLength(3);
  });

  it('replaces a probe when asked to, and nothing else', async () => {
    const argv = ['make', 'rank', '--rule', 'id', '--n', '2', '--out'];
    await run(...argv, 'new.jsonl');
    const again = await run(...argv, 'new.jsonl');
    expect([again.code, again.stderr]).toEqual([
      2,
      expect.stringMatching(/there is a file at this path/) as string,
    ]);
    expect((await run(...argv, 'new.jsonl', '--force')).code).toBe(0);
    writeFileSync(join(folder, 'thesis.tex'), '\\documentclass{article}');
    expect((await run(...argv, 'thesis.tex', '--force')).stderr).toMatch(/this is no probe/);
    expect((await run(...argv, join('none', 'x.jsonl'))).code).toBe(2);
    expect(existsSync(join(folder, 'none'))).toBe(false);
    expect((await run('make', 'rank', '--rule', 'id', '--format', 'json')).stderr).toMatch(/are of points/);
    expect((await run('make', 'chess', '--rule', 'id')).stderr).toMatch(
      /Choose one of points, determinant, rank/,
    );
  });
});

describe('probe check', () => {
  it('puts the difficulty of probes beside each other', async () => {
    for (const rule of ['id', 'ood'])
      await run('make', 'points', '--rule', rule, '--n', '60', '--out', `gp-${rule}.jsonl`);
    const { stdout } = await run('check', 'gp-id.jsonl', 'gp-ood.jsonl', 'id.jsonl');
    expect(stdout).toMatch(/^ +gp-id\.jsonl +gp-ood\.jsonl +id\.jsonl\n/);
    expect(stdout).toMatch(/\nproblems +60 +60 +40\n/);
    expect(stdout).toMatch(/\nalways the commonest answer +2\.5 %\n/);
    expect(stdout).toMatch(/\nhands with one solution +[\d.]+ % +[\d.]+ %\n/);
    const json = await run('check', 'gp-id.jsonl', '--json');
    expect(ProbeCheckDocument.parse(JSON.parse(json.stdout)).probes[0]).toMatchObject({
      problems: 60,
      distinctPrompts: 60,
    });
    expect((await run('check', 'bad.jsonl')).code).toBe(2);
  });
});

describe('probe compare', () => {
  const right = Array.from({ length: 100 }, (_, i) => Number(i % 2 === 0));

  it('pairs results of lm-evaluation-harness', async () => {
    const better = right.map((value, i) => (i % 5 === 0 ? 1 : value));
    const chrf = right.map((_, i) => i / 7);
    for (const [name, values] of [
      ['base', right],
      ['tuned', better],
    ] as const) {
      writeLmEval(join(folder, 'results', name), '2026-11-20T10-00-00', [
        { task: 'arc', shots: 5, metrics: { 'acc,none': values } },
        { task: 'wmt', metrics: { 'chrf,none': chrf }, reported: { 'chrf,none': 3 } },
      ]);
    }
    const folders = [join('results', 'base'), `best=${join('results', 'tuned')}`];
    const { code, stdout } = await run('compare', ...folders);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /\narc: acc \u2191, 5-shot, version 1\n {2}base +100 +50\.0 % \[40\.4, 59\.6\]\n {2}best +100 +60\.0 %/,
    );
    expect(stdout).toMatch(/10 +0 +\+10\.0 \[\+5\.0, \+16\.0\] +0\.0020 +0\.0020/);
    expect(stdout).toMatch(/\nwmt: chrf \u2191, 0-shot, version 1 \[1\]\n/);
    expect(stdout).toMatch(/\n\[1\] the harness reports another number/);
    const json = await run('compare', ...folders, '--tasks', 'arc', '--json');
    expect(LmEvalDocument.parse(JSON.parse(json.stdout)).comparisons).toHaveLength(1);
  });

  it('needs two folders, and says what cannot be paired', async () => {
    expect((await run('compare', 'results/base')).stderr).toMatch(/name at least two folders/);
    writeLmEval(join(folder, 'results', 'other'), '2026-11-20T10-00-00', [
      { task: 'arc', shots: 0, metrics: { 'acc,none': right } },
    ]);
    const { code, stderr } = await run('compare', 'results/base', 'results/other');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/arc: 5 shots against 0/) as string]);
  });
});
