import type { MeasureInfo } from '../../src-main/contract/measure.ts';
import type { Row } from '../../src-main/contract/rows.ts';

export interface Defined {
  readonly measure: MeasureInfo;
  /** The value that is pointed at; null for the measure itself. */
  readonly row: Row | null;
}

/** A pointer that only passes by shows nothing. */
const HOVER_MILLIS = 250;
/** Long enough to move the pointer from a value onto its definition. */
const GRACE_MILLIS = 180;
/** After Escape the pointer must really move, in pixels, before hovering counts again: what lay below is suddenly under it. */
const MOVED = 8;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The one definition on screen, beside what it defines; for pointer and keyboard alike. */
export class Definition {
  shown = $state.raw<Defined | null>(null);
  anchor = $state.raw<Element | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pointer: Point = { x: 0, y: 0 };
  #dismissedAt: Point | null = null;

  /** At once, for the keyboard. */
  show(anchor: Element, defined: Defined): void {
    clearTimeout(this.#timer);
    this.anchor = anchor;
    this.shown = defined;
  }

  /** Soon, for the pointer; at once while another definition is on screen. */
  hover(anchor: Element, defined: Defined): void {
    const { x, y } = this.#pointer;
    if (this.#dismissedAt && Math.hypot(x - this.#dismissedAt.x, y - this.#dismissedAt.y) < MOVED) return;
    this.#dismissedAt = null;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.show(anchor, defined), this.shown ? GRACE_MILLIS : HOVER_MILLIS);
  }

  track(point: Point): void {
    this.#pointer = point;
  }

  /** Hides it unless the pointer or the focus comes back soon. */
  leave(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hide(), GRACE_MILLIS);
  }

  stay(): void {
    clearTimeout(this.#timer);
  }

  dismiss(): void {
    if (this.shown) this.#dismissedAt = this.#pointer;
    this.hide();
  }

  hide(): void {
    clearTimeout(this.#timer);
    this.shown = null;
    this.anchor = null;
  }
}
