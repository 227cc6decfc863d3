import { z } from 'zod';

/** A rectangle on the desktop, in the units of the window system. */
export const Rectangle = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
export type Rectangle = z.infer<typeof Rectangle>;

export const SMALLEST = { width: 720, height: 480 };
/** What must lie on a screen for a window to be got hold of: a piece of its title bar. */
const GRIP = { width: 100, height: 30 };

const overlap = (start: number, length: number, from: number, size: number): number =>
  Math.min(start + length, from + size) - Math.max(start, from);

/**
 * Where to put the window: where it was, cut to the screen that it is on. Null, for the system to choose, when nothing usable was
 * remembered or the screen that it was on is gone.
 * @param remembered what was read from disk; anything
 * @param screens work areas, without panels and docks
 */
export function windowBounds(remembered: unknown, screens: readonly Rectangle[]): Rectangle | null {
  const parsed = Rectangle.safeParse(remembered);
  if (!parsed.success) return null;
  const { x, y, width, height } = parsed.data;
  const screen = screens.find(
    (one) =>
      overlap(x, width, one.x, one.width) >= GRIP.width &&
      overlap(y, GRIP.height, one.y, one.height) >= GRIP.height,
  );
  if (screen === undefined) return null;
  return {
    x,
    y,
    width: Math.max(SMALLEST.width, Math.min(width, screen.width)),
    height: Math.max(SMALLEST.height, Math.min(height, screen.height)),
  };
}
