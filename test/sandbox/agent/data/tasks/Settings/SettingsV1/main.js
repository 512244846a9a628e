// Writes its environment and working directory to a file.
require('node:fs').writeFileSync(
  process.env.INPUT_OUT,
  JSON.stringify({ environment: process.env, workingDirectory: process.cwd() }),
);
