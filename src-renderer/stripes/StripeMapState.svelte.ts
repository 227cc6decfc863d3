import { TILE_SIDE, type Reduction } from '../../src-main/contract/stripes.ts';
import type { VariantStyle } from '../../src-main/figures/variantStyle.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import type { StudyState } from '../state/StudyState.svelte.ts';
import { tilesToLoad } from './placeQuads.ts';
import type { StudyTensorLike, WeightPlace } from './stripeTensor.ts';
import { type Tile, type TileAddress, TileStore } from './TileStore.ts';
import { type TilePlace, type ViewSize, Viewport } from './Viewport.ts';
import { WeightReading } from './WeightReading.svelte.ts';

/** One picture: one variant, or all runs of a consensus. */
export interface StripePane {
  readonly layer: string;
  readonly styles: readonly VariantStyle[];
}

const CACHE_BYTES = 64 * 2 ** 20;
/** A browser keeps six connections to a host; the others are for progress, and for the weight under the cursor. */
const MOST_REQUESTS = 4;
/** From this size of a weight on, in device pixels, single weights are told apart. */
const WEIGHT_PIXELS = 8;
const ZOOM_STEP = 1.6;
const PAN_SHARE = 0.2;

/** What a stripe map shows of one matrix, and where. */
export class StripeMapState {
  readonly #study: StudyState;
  readonly tensor: StudyTensorLike;
  readonly tiles: TileStore;
  readonly weight: WeightReading;
  /** Shares first: they show stripes from any distance. */
  reduction = $state<Reduction>('density');
  #chosen = $state<string | null>(null);
  #beside = $state<string | null>(null);
  viewport = $state.raw<Viewport>(Viewport.fit({ rows: 1, columns: 1 }, { width: 1, height: 1 }));
  /** Where the pointer is. */
  pointed = $state.raw<WeightPlace | null>(null);
  /** Where the keyboard is, or what was pressed. */
  cursor = $state.raw<WeightPlace | null>(null);
  /** Counts up when tiles came or failed. */
  #arrivals = $state(0);

  /** The variant whose change is shown: the chosen one while it is shown, else the first. */
  readonly chosen: VariantStyle | null = $derived.by(() => {
    const { styles } = this.#study;
    return styles.find(({ label }) => label === this.#chosen) ?? styles[0] ?? null;
  });
  /** Variants trained from the same checkpoint as the chosen one, which alone can be compared weight by weight. */
  readonly siblings: readonly VariantStyle[] = $derived.by(() => {
    const from = this.fromOf(this.chosen?.label ?? '');
    return this.#study.styles.filter(({ label }) => this.fromOf(label) === from);
  });
  /** What the shown variants were trained from. */
  readonly references: readonly string[] = $derived.by(() =>
    this.#study.styles
      .map(({ label }) => this.fromOf(label))
      .filter((from, index, all) => all.indexOf(from) === index),
  );
  readonly beside: VariantStyle | null = $derived.by(() => {
    if (this.reduction === 'consensus') return null;
    const { styles } = this.#study;
    return styles.find(({ label }) => label === this.#beside && label !== this.chosen?.label) ?? null;
  });
  readonly panes: readonly StripePane[] = $derived.by(() => {
    if (!this.chosen) return [];
    if (this.reduction === 'consensus') return [this.#pane(this.siblings)];
    return [this.chosen, this.beside].flatMap((style) => (style ? this.#pane([style]) : []));
  });
  /** Tiles that the view needs, those of them that are there, and why others will not come. */
  readonly coverage: { needed: number; present: number; problem: Problem | null } = $derived.by(() => {
    const tiles = this.panes.flatMap((pane) => this.viewport.tiles().map((place) => ({ pane, place })));
    const present = tiles.filter(({ pane, place }) => this.find(pane, place) !== null).length;
    const failed = tiles.map(({ pane, place }) => this.problemAt(pane, place));
    return { needed: tiles.length, present, problem: failed.find((problem) => problem !== null) ?? null };
  });
  /** The weight to read: under the pointer once weights are large enough to point at, else where the cursor is. */
  readonly read: WeightPlace | null = $derived(
    (this.viewport.scale >= WEIGHT_PIXELS ? this.pointed : null) ?? this.cursor,
  );
  /** What the page speaks of: the pointer comes before the cursor. */
  readonly place: WeightPlace | null = $derived(this.pointed ?? this.cursor);

  constructor(study: StudyState, tensor: StudyTensorLike) {
    this.#study = study;
    this.tensor = tensor;
    this.viewport = Viewport.fit(tensor, { width: 1, height: 1 });
    const { client, id } = study;
    this.weight = new WeightReading((query, signal) => client.weight(id, query, signal));
    this.tiles = new TileStore({
      load: (address, signal) => this.#load(address, signal),
      onChange: () => this.#arrivals++,
      mostBytes: CACHE_BYTES,
      mostRequests: MOST_REQUESTS,
    });
  }

  get styles(): readonly VariantStyle[] {
    return this.#study.styles;
  }

  /** What a variant was trained from. */
  fromOf(label: string): string {
    return this.#study.view?.file.variants.find((variant) => variant.label === label)?.from ?? 'base';
  }

  choose(label: string): void {
    this.#chosen = label;
  }

  /** Chooses the first variant that was trained from a checkpoint. */
  chooseFrom(reference: string): void {
    this.#chosen = this.styles.find(({ label }) => this.fromOf(label) === reference)?.label ?? null;
  }

  showBeside(label: string | null): void {
    this.#beside = label;
  }

  /** A tile of a pane, when it is there; asks again in a derived value when others came. */
  find(pane: StripePane, place: TilePlace): Tile | null {
    return this.#arrivals < 0 ? null : this.tiles.get({ layer: pane.layer, ...place });
  }

  /** The byte of a pane under a weight at the level of the view; null while its tile is not there. */
  byteAt(pane: StripePane, { row, column }: WeightPlace): number | null {
    const { level } = this.viewport;
    const [down, across] = [Math.floor(row / 2 ** level), Math.floor(column / 2 ** level)];
    const place = { level, row: Math.floor(down / TILE_SIDE), column: Math.floor(across / TILE_SIDE) };
    const tile = this.find(pane, place);
    return tile?.pixels[(down % TILE_SIDE) * tile.columns + (across % TILE_SIDE)] ?? null;
  }

  /** Why a tile of a pane is not there; null when it has not failed. */
  problemAt(pane: StripePane, place: TilePlace): Problem | null {
    const failure = this.#arrivals < 0 ? undefined : this.tiles.failure({ layer: pane.layer, ...place });
    return failure === undefined ? null : problemOf(failure);
  }

  /** Asks for the tiles in view; call it in an effect. */
  followTiles(): void {
    const places = tilesToLoad(this.viewport);
    const { panes } = this;
    this.tiles.want(places.flatMap((place) => panes.map(({ layer }) => ({ layer, ...place }))));
  }

  /** Asks for the weight to read; call it in an effect. */
  followWeight(): void {
    const { read, panes } = this;
    const [label] = panes[0]?.styles ?? [];
    if (!read || !label) {
      this.weight.ask(null);
      return;
    }
    const from = this.fromOf(label.label);
    const variant = panes
      .flatMap(({ styles }) => styles.map((style) => style.label))
      .filter((other) => this.fromOf(other) === from);
    this.weight.ask({ tensor: this.tensor.tensor, variant, row: read.row, column: read.column });
  }

  zoomIn(): void {
    this.viewport = this.viewport.zoomed(ZOOM_STEP, this.#middle());
  }

  zoomOut(): void {
    this.viewport = this.viewport.zoomed(1 / ZOOM_STEP, this.#middle());
  }

  pan(direction: 1 | -1): void {
    this.viewport = this.viewport.panned({ x: direction * PAN_SHARE * this.viewport.view.width, y: 0 });
  }

  fit(): void {
    this.viewport = Viewport.fit(this.tensor, this.viewport.view);
  }

  /** The view has another size, in device pixels. */
  resize(view: ViewSize): void {
    const { width, height } = this.viewport.view;
    if (view.width !== width || view.height !== height) this.viewport = this.viewport.resized(view);
  }

  /** Goes close to the cursor, up to so many device pixels per weight. */
  approach(scale: number): void {
    const { viewport, cursor } = this;
    if (!cursor) return;
    const close = viewport.zoomed(Math.max(1, scale / viewport.scale), this.#middle());
    this.viewport = close.showing(cursor.row, cursor.column);
  }

  /** Moves the cursor by weights, from the middle of the view when there is none, and keeps it in view. */
  moveCursor(rows: number, columns: number): void {
    const { viewport, tensor } = this;
    const { x, y } = viewport.centre;
    const from = this.cursor ?? { row: Math.floor(y) - rows, column: Math.floor(x) - columns };
    const held = (at: number, count: number): number => Math.min(count - 1, Math.max(0, at));
    const cursor = {
      row: held(from.row + rows, tensor.rows),
      column: held(from.column + columns, tensor.columns),
    };
    this.cursor = cursor;
    this.viewport = viewport.showing(cursor.row, cursor.column);
  }

  /** Asks again for tiles that failed. */
  retry(): void {
    this.tiles.retry();
    this.#arrivals++;
  }

  close(): void {
    this.tiles.close();
    this.weight.ask(null);
  }

  /** The point of the view that zooming keeps: the cursor while it is in view. */
  #middle(): { x: number; y: number } {
    const { view } = this.viewport;
    const middle = { x: view.width / 2, y: view.height / 2 };
    if (!this.cursor) return middle;
    const at = this.viewport.screen({ x: this.cursor.column + 0.5, y: this.cursor.row + 0.5 });
    return at.x >= 0 && at.y >= 0 && at.x < view.width && at.y < view.height ? at : middle;
  }

  #pane(styles: readonly VariantStyle[]): StripePane {
    return { layer: JSON.stringify([this.reduction, ...styles.map(({ label }) => label)]), styles };
  }

  async #load({ layer, ...place }: TileAddress, signal: AbortSignal) {
    const [reduce, ...variant] = JSON.parse(layer) as [Reduction, ...string[]];
    const { client, id } = this.#study;
    const query = { tensor: this.tensor.tensor, variant, reduce, ...place };
    const { bytes, ...size } = await client.tile(id, query, signal);
    return { ...size, pixels: bytes };
  }
}
