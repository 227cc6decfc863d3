import { describe, expect, it } from 'vitest';
import { ROLES, type Role } from '../../src-main/contract/rows.ts';
import { markerPath, markerPolygon } from '../../src-main/figures/markerPath.ts';
import { MARKERS, variantStyles } from '../../src-main/figures/variantStyle.ts';

const many = (role: Role, count: number) =>
  Array.from({ length: count }, (_, i) => ({ label: `${role}${String(i)}`, role }));

describe('variantStyles', () => {
  it('shows SFT first, then RL, then others, each in the order of the study', () => {
    const styles = variantStyles([
      { label: 'dpo', role: 'other' },
      { label: 'rl-b', role: 'rl' },
      { label: 'sft', role: 'sft' },
      { label: 'rl-a', role: 'rl' },
    ]);
    expect(styles.map(({ label }) => label)).toEqual(['sft', 'rl-b', 'rl-a', 'dpo']);
  });

  it('lets a variant keep its look when others are added behind, of any role', () => {
    const before = [...many('sft', 1), ...many('rl', 2)];
    const after = variantStyles([
      ...before,
      ...many('other', 3),
      { label: 'sft-late', role: 'sft' as const },
      { label: 'rl-late', role: 'rl' as const },
    ]);
    for (const style of variantStyles(before)) expect(after).toContainEqual(style);
  });

  it('gives no two variants of a study of usual size the same colour and marker', () => {
    const styles = variantStyles(ROLES.flatMap((role) => many(role, 6)));
    expect(new Set(styles.map(({ colour, marker }) => `${colour} ${marker}`)).size).toBe(styles.length);
  });

  it('shares no colour between roles', () => {
    const styles = variantStyles(ROLES.flatMap((role) => many(role, 20)));
    const roles = Map.groupBy(styles, ({ colour }) => colour);
    for (const [, group] of roles) expect(new Set(group.map(({ role }) => role)).size).toBe(1);
  });
});

describe('markers', () => {
  it.each(MARKERS)('%s stays around its centre', (marker) => {
    const corners = markerPolygon(marker, { x: 10, y: 20, radius: 4 });
    for (const [x, y] of corners ?? []) {
      expect(Math.abs(x - 10)).toBeLessThanOrEqual(4.4);
      expect(Math.abs(y - 20)).toBeLessThanOrEqual(4.4);
    }
    expect(markerPath(marker, { x: 10, y: 20, radius: 4 })).toMatch(/^M[\d. -]+[La].*Z$/);
  });
});
