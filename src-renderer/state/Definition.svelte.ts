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

/** The one definition on screen, beside what it defines: a passing note for pointer and focus, or opened to stay. */
export class Definition {
  shown = $state.raw<Defined | null>(null);
  anchor = $state.raw<Element | null>(null);
  /** Whether it was opened: a dialog that takes the focus, until it is closed. */
  isOpen = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pointer: Point = { x: 0, y: 0 };
  #dismissedAt: Point | null = null;
  /** The focus that comes back from a closed dialog asks for nothing. */
  #isReturning = false;

  /** At once, for the keyboard. */
  show(anchor: Element, defined: Defined): void {
    if (this.#isReturning) return;
    clearTimeout(this.#timer);
    this.isOpen = false;
    this.anchor = anchor;
    this.shown = defined;
  }

  /** Soon, for the pointer; at once while another definition is on screen. An open one stays. */
  hover(anchor: Element, defined: Defined): void {
    if (this.isOpen) return;
    const { x, y } = this.#pointer;
    if (this.#dismissedAt && Math.hypot(x - this.#dismissedAt.x, y - this.#dismissedAt.y) < MOVED) return;
    this.#dismissedAt = null;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.show(anchor, defined), this.shown ? GRACE_MILLIS : HOVER_MILLIS);
  }

  /** To stay, with its buttons. */
  open(anchor: Element, defined: Defined): void {
    this.show(anchor, defined);
    this.isOpen = true;
  }

  /** Opens what is on screen already. */
  keep(): void {
    clearTimeout(this.#timer);
    this.isOpen = this.shown !== null;
  }

  /** Puts an open definition away; the focus goes back to where it came from. */
  close(): void {
    const { anchor } = this;
    this.dismiss();
    this.#isReturning = true;
    if (anchor instanceof HTMLElement) anchor.focus({ preventScroll: true });
    this.#isReturning = false;
  }

  track(point: Point): void {
    this.#pointer = point;
  }

  /** Hides it unless it was opened, or the pointer or the focus comes back soon. */
  leave(): void {
    if (this.isOpen) return;
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
    this.isOpen = false;
    this.shown = null;
    this.anchor = null;
  }
}
