const SOFTWARE = /llvmpipe|lavapipe|swiftshader|software rasteri[sz]er|basic render driver/i;

/** Whether a graphics device is a driver that computes on the processor, slower than llama.cpp does by itself. */
export const isSoftwareDriver = (device: string): boolean => SOFTWARE.test(device);
