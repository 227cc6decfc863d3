import { describe, expect, it } from 'vitest';
import { windowBounds } from '../../src-main/shell/windowBounds.ts';

const SCREEN = { x: 0, y: 25, width: 1920, height: 1055 };
const SECOND = { x: 1920, y: 0, width: 2560, height: 1440 };

describe('windowBounds', () => {
  it('puts the window where it was, also on a second screen and half off one', () => {
    for (const bounds of [
      { x: 100, y: 100, width: 1440, height: 900 },
      { x: 2000, y: 10, width: 2400, height: 1400 },
      { x: -700, y: 500, width: 1440, height: 900 },
    ])
      expect(windowBounds(bounds, [SCREEN, SECOND])).toEqual(bounds);
  });

  it.each([
    ['on a screen that is gone', { x: 2000, y: 10, width: 1440, height: 900 }],
    ['with its title bar above the screen', { x: 100, y: -100, width: 1440, height: 900 }],
    ['with nothing to take hold of', { x: 1850, y: 100, width: 1440, height: 900 }],
  ])('drops a rectangle %s', (_where, bounds) => expect(windowBounds(bounds, [SCREEN])).toBe(null));

  it.each([
    null,
    'text',
    {},
    { x: 1, y: 2, width: '3', height: 4 },
    { x: NaN, y: 0, width: 900, height: 600 },
  ])('drops what is no rectangle: %j', (remembered) => expect(windowBounds(remembered, [SCREEN])).toBe(null));

  it('cuts a window to its screen, and makes none too small to use', () => {
    expect(windowBounds({ x: 0, y: 25, width: 9000, height: 9000 }, [SCREEN])).toEqual(SCREEN);
    expect(windowBounds({ x: 0, y: 25, width: 200, height: 100 }, [SCREEN])).toEqual({
      x: 0,
      y: 25,
      width: 720,
      height: 480,
    });
  });
});
