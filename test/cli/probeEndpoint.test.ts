import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ProbeDocument } from '../../src-main/contract/probe.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { completion, sendJson, serveEndpoint } from '../inference/endpointServer.ts';
import { runCommand } from './runCommand.ts';

const folder = tempFolder();

it('probe asks a server, keeps what was answered when it breaks, and goes on from there', async () => {
  const problems = Array.from({ length: 24 }, (_, i) => ({
    id: `p${i}`,
    prompt: `what is ${i}`,
    verifier: { kind: 'numeric', answer: i },
  }));
  writeFileSync(join(folder, 'id.jsonl'), problems.map((one) => JSON.stringify(one)).join('\n'));
  let broken = true;
  const server = await serveEndpoint(({ body }, response) => {
    const number = Number(String(body['prompt']).replace(/\D/g, ''));
    if (broken && number === 13) sendJson(response, 400, { error: { message: 'no such model' } });
    else sendJson(response, 200, completion(body['model'] === 'good' || number < 6 ? ` ${number}` : ' none'));
  });
  const argv = [
    'probe',
    '--endpoint',
    server.url,
    '--model',
    'good',
    '--model',
    'bad',
    '--probe',
    'id=id.jsonl',
  ];
  const run = (...more: string[]) => runCommand(folder, ...argv, '--batch', '4', '--out', 'kept', ...more);

  const failed = await run();
  expect(failed.code).toBe(2);
  expect(failed.stderr).toMatch(/no such model/);
  broken = false;
  const before = server.asked.length;
  const { code, stdout } = await run('--json');
  expect(code).toBe(0);
  const document = ProbeDocument.parse(JSON.parse(stdout));
  expect(document.evaluator.kind).toBe('endpoint');
  expect(document.models.map(({ label, probes }) => [label, probes[0]!.accuracy.correct])).toEqual([
    ['good', 24],
    ['bad', 6],
  ]);
  expect(document.models[1]!.paired[0]).toMatchObject({ gained: 0, lost: 18 });
  // Answers come in any order: when problem 13 breaks, those of its batch and of the one before may be open. Complete batches are not asked again.
  expect(document.models[0]!.probes[0]!.cached).toBeGreaterThanOrEqual(8);
  expect(server.asked.length - before).toBeLessThanOrEqual(16 + 24);
});

it('probe gives up on a server that hangs after the time that it was given, and says so', async () => {
  writeFileSync(
    join(folder, 'one.jsonl'),
    JSON.stringify({ id: 'a', prompt: 'what is 1', verifier: { kind: 'numeric', answer: 1 } }),
  );
  const server = await serveEndpoint(() => undefined);
  const { code, stderr } = await runCommand(
    folder,
    ...['probe', '--endpoint', server.url, '--model', 'm', '--probe', 'id=one.jsonl', '--timeout', '1'],
  );
  expect(code).toBe(4);
  expect(stderr).toMatch(/within 1 s/);
  expect(server.asked).toHaveLength(5);
}, 60_000);
