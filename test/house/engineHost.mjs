// Plays Electron's part for the engine process under plain Node. Arguments: engine script, resources folder or "", socket.
const [script, resources] = process.argv.slice(2);
process.parentPort = { postMessage: (message) => process.send(message) };
if (resources) process.resourcesPath = resources;
await import(script);
