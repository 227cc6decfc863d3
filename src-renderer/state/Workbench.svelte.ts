import type { Health, StudySummary } from '../../src-main/contract/routes.ts';
import type { ApiClient } from '../api/ApiClient.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import type { CommandId } from '../../src-main/contract/commands.ts';
import { takesLetters, writtenKey } from './keys.ts';
import { Commands } from './Commands.svelte.ts';
import { KeyMap } from './KeyMap.svelte.ts';
import { Palette } from './Palette.svelte.ts';
import { placeOf, viewAddress, type Place, type PlaceQuery, type ViewName } from './place.ts';

const isInDialog = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('dialog, [role="dialog"]') !== null;

/** Where the user is, what the engine can do, and which studies there are. */
export class Workbench {
  readonly client: ApiClient;
  readonly commands = new Commands();
  readonly keys = new KeyMap();
  readonly palette = new Palette();
  place = $state.raw<Place>(placeOf(location.hash));
  health = $state.raw<Health | null>(null);
  studies = $state.raw<readonly StudySummary[] | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** What is being opened right now, for the button that says so. */
  opening = $state<'demo' | 'study' | null>(null);
  /** What the start page is asked to do once it is on screen; it takes the wish back. */
  wish = $state<'new' | 'open' | null>(null);

  /** The study on screen as the list of recent ones has it; null on the start page and while the list is old. */
  readonly study: StudySummary | null = $derived.by(() => {
    const { place } = this;
    return place.page === 'study' ? (this.studies?.find(({ id }) => id === place.id) ?? null) : null;
  });

  constructor(client: ApiClient) {
    this.client = client;
    addEventListener('hashchange', () => {
      this.place = placeOf(location.hash);
      this.problem = null;
      if (this.study === null) void this.refresh();
    });
    void this.refresh();
  }

  /** Asks for the engine's state and the recent studies. */
  async refresh(): Promise<void> {
    await this.#attempt(async () => {
      [this.health, this.studies] = await Promise.all([this.client.health(), this.client.studies()]);
    });
  }

  async openDemo(): Promise<void> {
    this.opening = 'demo';
    await this.#attempt(async () => this.show(await this.client.openDemo()));
    this.opening = null;
  }

  async open(path: string): Promise<void> {
    this.opening = 'study';
    await this.#attempt(async () => this.show(await this.client.open(path)));
    this.opening = null;
  }

  /** Takes a study off the recent list; its folder stays. */
  async forget(id: string): Promise<void> {
    await this.#attempt(async () => {
      this.studies = await this.client.forget(id);
    });
  }

  show(id: string, view: ViewName = 'overview'): void {
    location.hash = viewAddress(id, view);
  }

  showStudies(): void {
    location.hash = '#/';
  }

  /** Begins a new study, or opens one, on the start page. */
  begin(wish: 'new' | 'open'): void {
    this.wish = wish;
    this.showStudies();
  }

  /** Goes to a view of the study on screen. */
  go(view: ViewName, query: PlaceQuery = {}): void {
    if (this.place.page === 'study') location.hash = viewAddress(this.place.id, view, query);
  }

  /** Keeps in the address what a view shows, without a step in the history. */
  keep(query: PlaceQuery): void {
    if (this.place.page !== 'study') return;
    const { id, view } = this.place;
    history.replaceState(null, '', viewAddress(id, view, query));
    this.place = { ...this.place, query };
  }

  /**
   * Does what the pressed key stands for. What has the focus comes first: it may have taken the key already, it may take letters, and
   * a dialog keeps everything but the palette to itself.
   */
  press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const key = writtenKey(event, navigator.platform);
    if (key === '' || (!key.includes('Mod') && takesLetters(event.target))) return;
    const command = this.keys.choose(key, this.commands.available);
    if (!command || (isInDialog(event.target) && command.id !== 'palette.open')) return;
    if (this.commands.run(command.id as CommandId)) event.preventDefault();
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.problem = null;
    try {
      await work();
    } catch (error) {
      this.problem = problemOf(error);
    }
  }
}
