import type { Role } from '../../src-main/contract/rows.ts';

export const ROLE_NAMES: Readonly<Record<Role, string>> = { sft: 'SFT', rl: 'RL', other: 'Other' };
