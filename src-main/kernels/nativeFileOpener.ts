import type { FileOpener } from '../tensors/TensorStore.ts';
import { callNative } from './nativeError.ts';
import type { FileHandle, RawAccess, RawAddon } from './raw.ts';

/** Opens checkpoint files in the addon: mapped, or read where mapping is slow or unsafe. */
export function nativeFileOpener(addon: RawAddon, access: RawAccess): FileOpener<FileHandle> {
  return {
    open: (path) => callNative(path, () => addon.open_file(path, access)),
    close: (handle) => {
      addon.close_file(handle);
    },
  };
}
