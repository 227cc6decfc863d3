import type { Point } from './Viewport.ts';

/** What fingers, mouse and wheel do to a picture; points are in CSS pixels from its corner. */
export interface GestureTarget {
  readonly onPan: (shift: Point) => void;
  readonly onZoom: (factor: number, about: Point) => void;
  readonly onPoint: (at: Point | null) => void;
  /** A press that moved nowhere. */
  readonly onPress: (at: Point) => void;
  /** Whether the wheel would still change anything; else the page scrolls. */
  readonly canZoom: (factor: number) => boolean;
}

const WHEEL_RATE = 0.0018;
/** Pinching a touchpad reports small steps as a wheel with the Control key. */
const PINCH_RATE = 0.012;
const LINE_PIXELS = 16;
const STEP = 2;
/** A pointer that moved less is pressed, not dragged. */
const STILL_PIXELS = 4;

/** Reads gestures from an element: drag pans, wheel and pinch zoom, a double click zooms in, with Shift out. */
export class Gestures {
  readonly #element: HTMLElement;
  readonly #target: GestureTarget;
  readonly #pointers = new Map<number, Point>();
  #moved = 0;

  constructor(element: HTMLElement, target: GestureTarget) {
    this.#element = element;
    this.#target = target;
  }

  /** Listens until the returned function is called. */
  listen(): () => void {
    const listening = new AbortController();
    const on = <Name extends keyof HTMLElementEventMap>(
      name: Name,
      listener: (event: HTMLElementEventMap[Name]) => void,
    ): void => this.#element.addEventListener(name, listener, { signal: listening.signal, passive: false });
    on('wheel', (event) => this.#wheel(event));
    on('pointerdown', (event) => this.#down(event));
    on('pointermove', (event) => this.#move(event));
    on('pointerup', (event) => this.#up(event));
    on('pointercancel', (event) => this.#pointers.delete(event.pointerId));
    on('pointerleave', () => this.#target.onPoint(null));
    on('dblclick', (event) => this.#target.onZoom(event.shiftKey ? 1 / STEP : STEP, this.#at(event)));
    return () => listening.abort();
  }

  #at({ clientX, clientY }: MouseEvent): Point {
    const { left, top } = this.#element.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  #wheel(event: WheelEvent): void {
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1);
    const factor = Math.exp(-pixels * (event.ctrlKey ? PINCH_RATE : WHEEL_RATE));
    if (event.shiftKey || !this.#target.canZoom(factor)) return;
    event.preventDefault();
    this.#target.onZoom(factor, this.#at(event));
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#element.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, this.#at(event));
    if (this.#pointers.size === 1) this.#moved = 0;
  }

  #move(event: PointerEvent): void {
    const at = this.#at(event);
    const before = this.#pointers.get(event.pointerId);
    this.#target.onPoint(at);
    if (!before) return;
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, at);
    this.#moved += Math.hypot(at.x - before.x, at.y - before.y);
    if (other) this.#pinch(before, at, other);
    else this.#target.onPan({ x: before.x - at.x, y: before.y - at.y });
  }

  #pinch(before: Point, at: Point, other: Point): void {
    const middle = { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 };
    const distance = (point: Point): number => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y));
    this.#target.onPan({ x: (before.x - at.x) / 2, y: (before.y - at.y) / 2 });
    this.#target.onZoom(distance(at) / distance(before), middle);
  }

  #up(event: PointerEvent): void {
    const wasDown = this.#pointers.delete(event.pointerId);
    if (wasDown && this.#pointers.size === 0 && this.#moved < STILL_PIXELS)
      this.#target.onPress(this.#at(event));
  }
}
