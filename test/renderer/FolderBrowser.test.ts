import { describe, expect, it } from 'vitest';
import type { Listing } from '../../src-main/contract/routes.ts';
import { ApiFailure, UNREACHABLE } from '../../src-renderer/api/problem.ts';
import type { ApiClient } from '../../src-renderer/api/ApiClient.ts';
import { FolderBrowser } from '../../src-renderer/state/FolderBrowser.svelte.ts';

/** A client whose replies are given by hand, in any order. */
function slowClient() {
  const waiting: { path: string | null; reply: (listing: Listing) => void; fail: (error: Error) => void }[] =
    [];
  const browse = (path: string | null): Promise<Listing> =>
    new Promise((reply, fail) => waiting.push({ path, reply, fail }));
  return { client: { browse } as unknown as ApiClient, waiting };
}

const listing = (path: string): Listing => ({ path, parent: '/', entries: [] });

describe('FolderBrowser', () => {
  it('shows the answer to the latest question, whichever comes last', async () => {
    const { client, waiting } = slowClient();
    const browser = new FolderBrowser(client);
    const first = browser.go('/home');
    const second = browser.go('/nowhere');
    waiting[1]?.fail(new ApiFailure(UNREACHABLE));
    await second;
    waiting[0]?.reply(listing('/home'));
    await first;
    expect(browser.listing).toBeNull();
    expect(browser.problem).not.toBeNull();
  });

  it('keeps what was typed while a listing was on its way', async () => {
    const { client, waiting } = slowClient();
    const browser = new FolderBrowser(client);
    const going = browser.go(null);
    browser.typed = '/models';
    waiting[0]?.reply(listing('/home'));
    await going;
    expect(browser.typed).toBe('/models');
    expect(browser.listing?.path).toBe('/home');
  });
});
