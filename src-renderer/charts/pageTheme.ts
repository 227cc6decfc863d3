import type { FigureTheme } from '../../src-main/figures/figureTheme.ts';

/** Colours and type of figures on this page, read from its style sheet so that both change together. */
export function pageTheme(element: Element): FigureTheme {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: token('--ink'),
    mutedInk: token('--muted'),
    rule: token('--rule'),
    paper: token('--paper'),
    fontFamily: style.fontFamily,
    fontSize: Number.parseFloat(style.fontSize) * 0.92,
  };
}
