import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Health } from '../src-main/contract/routes.ts';
import { APP_ORIGIN } from '../src-main/shell/isOwnAddress.ts';
import { forwardRequest } from '../src-main/shell/forwardRequest.ts';
import { type EngineUnderTest, startEngine } from './house/startEngine.ts';
import { ROOT } from './house/readSources.ts';

describe('the engine process', () => {
  const state = mkdtempSync(join(tmpdir(), 'polarimeter-state-'));
  let engine: EngineUnderTest;
  beforeAll(async () => {
    engine = await startEngine(join(ROOT, 'src-main', 'engine.ts'), '', state);
  });
  afterAll(() => rmSync(state, { recursive: true, force: true }));

  it('answers the API to the window', async () => {
    const reply = await engine.ask('/api/health');
    expect(reply.status).toBe(200);
    expect(Health.parse(await reply.json()).version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('sends a strict policy with everything', async () => {
    const policy = (await engine.ask('/api/health')).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  it('refuses a caller that does not know the secret of this launch', async () => {
    const address = { socketPath: engine.socketPath, token: 'guessed' };
    const reply = await forwardRequest(address, new Request(`${APP_ORIGIN}/api/health`));
    expect([reply.status, await reply.json()]).toMatchObject([401, { error: { code: 'not-authorised' } }]);
  });

  it('ends cleanly when the shell asks it to, and answers engine-stopped from then on', async () => {
    expect(await engine.stop()).toBe(0);
    const reply = await engine.ask('/api/health');
    expect([reply.status, await reply.json()]).toMatchObject([503, { error: { code: 'engine-stopped' } }]);
  });
});
