import type { DiscoveredCheckpoint } from '../../src-main/contract/discovery.ts';

/** A line of the list of checkpoints: one of them, or a run with its steps. */
export type DiscoveredRow =
  | { readonly kind: 'checkpoint'; readonly checkpoint: DiscoveredCheckpoint; readonly isStep: boolean }
  | {
      readonly kind: 'run';
      readonly folder: string;
      readonly name: string;
      readonly steps: readonly DiscoveredCheckpoint[];
      readonly isOpen: boolean;
    };

const lastName = (path: string): string => path.split(/[/\\]/).findLast((part) => part !== '') ?? path;

/** Checkpoints in their order, the steps of a run under one line in the place of the first of them. */
export function discoveredRows(
  found: readonly DiscoveredCheckpoint[],
  isOpen: (folder: string) => boolean,
): DiscoveredRow[] {
  const runs = Map.groupBy(found, ({ trajectory }) => trajectory);
  const listed = new Set<string>();
  return found.flatMap((checkpoint): DiscoveredRow[] => {
    const { trajectory } = checkpoint;
    const steps = trajectory === null ? [] : (runs.get(trajectory) ?? []);
    if (trajectory === null || steps.length < 2) return [{ kind: 'checkpoint', checkpoint, isStep: false }];
    if (listed.has(trajectory)) return [];
    listed.add(trajectory);
    const run = { kind: 'run', folder: trajectory, name: lastName(trajectory), steps } as const;
    const open = isOpen(trajectory);
    const inOrder = steps.toSorted((a, b) => (a.step ?? 0) - (b.step ?? 0));
    return [
      { ...run, isOpen: open },
      ...(open ? inOrder : []).map(
        (step) => ({ kind: 'checkpoint', checkpoint: step, isStep: true }) as const,
      ),
    ];
  });
}
