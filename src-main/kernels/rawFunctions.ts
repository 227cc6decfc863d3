import type { RawAddon } from './raw.ts';

/** Every function of the addon, to tell an addon of this version from another. */
export const RAW_FUNCTIONS = [
  'configure',
  'capabilities',
  'active_jobs',
  'open_file',
  'file_info',
  'close_file',
  'start_content_hash',
  'start_byte_sum',
  'start_exponent_histogram',
  'start_element_pass',
  'start_change_tile',
  'start_step_histogram',
  'start_weights_at',
  'start_svd',
  'start_principal_angles',
  'start_frame_energy',
  'start_mask_overlap',
  'svd_bytes',
  'mask_overlap_bytes',
  'release_svd',
  'job_progress',
  'cancel_job',
] as const satisfies readonly (keyof RawAddon)[];
