import type { Candidate } from '../../src-main/contract/guessStudy.ts';
import type { ApiClient } from '../api/ApiClient.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { desktopBridge } from './desktopBridge.ts';
import type { Discovery } from './Discovery.svelte.ts';

interface Uses {
  readonly client: ApiClient;
  readonly discovery: Discovery;
  readonly take: (candidates: readonly Candidate[]) => Promise<void>;
  readonly openStudy: (path: string) => Promise<void>;
}

const MOST = 64;

/** Folders and files that were dropped on the page: by their paths on the desktop, by their names in a browser, which tells no paths. */
export class Drops {
  readonly #uses: Uses;
  /** Whether something is being dragged over the page. */
  isOver = $state(false);
  isTaking = $state(false);
  /** What became of the last drop. */
  said = $state<string | null>(null);
  problems = $state.raw<readonly Problem[]>([]);

  constructor(uses: Uses) {
    this.#uses = uses;
  }

  async drop(files: readonly File[]): Promise<void> {
    this.isOver = false;
    this.said = null;
    this.problems = [];
    if (files.length === 0) return;
    this.isTaking = true;
    const desktop = desktopBridge();
    const paths = files.map((file) => desktop?.pathOf(file) ?? '').filter((path) => path !== '');
    if (paths.length > 0) await this.#takePaths(paths.slice(0, MOST));
    else await this.#takeNames(files.map(({ name }) => name));
    this.isTaking = false;
  }

  async #takePaths(paths: readonly string[]): Promise<void> {
    const candidates: Candidate[] = [];
    for (const path of paths) {
      try {
        const found = await this.#uses.client.inspect(path);
        if (found.kind === 'study') {
          await this.#uses.openStudy(found.path);
          return;
        }
        candidates.push(
          ...(found.kind === 'checkpoint' ? [{ ...found.checkpoint, hints: found.hints }] : []),
        );
        if (found.kind === 'collection') candidates.push(...(await this.#inspected(found.found)));
      } catch (error) {
        this.problems = [...this.problems, problemOf(error)];
      }
    }
    await this.#take(candidates);
  }

  /** With what their files say, for the guesses. */
  async #inspected(
    found: readonly { readonly path: string; readonly title: string }[],
  ): Promise<Candidate[]> {
    const candidates: Candidate[] = [];
    for (const { path, title } of found.slice(0, MOST)) {
      const each = await this.#uses.client.inspect(path).catch(() => null);
      candidates.push({ path, title, hints: each?.kind === 'checkpoint' ? each.hints : null });
    }
    return candidates;
  }

  async #takeNames(names: readonly string[]): Promise<void> {
    const { discovery } = this.#uses;
    const found = names.map((name) => ({ name, checkpoints: discovery.named(name) }));
    const sure = found.flatMap(({ checkpoints }) => (checkpoints.length === 1 ? checkpoints : []));
    await this.#take(sure);
    const open = found.find(({ checkpoints }) => checkpoints.length !== 1);
    if (!open) return;
    const [what, count] = [`A browser does not tell where “${open.name}” lies`, open.checkpoints.length];
    if (count > 1) {
      discovery.text = open.name;
      this.said = `${what}, and ${String(count)} checkpoints below have this name: choose among them.`;
    } else {
      this.said = `${what}, and no checkpoint that was found has this name. Type its path, browse for it, or add the folder around it to those that are searched.`;
    }
  }

  async #take(candidates: readonly Candidate[]): Promise<void> {
    if (candidates.length === 0) return;
    await this.#uses.take(candidates);
    const titles = candidates.map(({ title }) => title);
    this.said = `Added ${titles.slice(0, 4).join(', ')}${titles.length > 4 ? ` and ${String(titles.length - 4)} more` : ''}. Check what they are taken for below.`;
  }
}
