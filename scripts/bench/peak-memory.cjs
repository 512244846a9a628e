'use strict';
// Loaded with `node -r` into a measured process: prints its largest resident set in KiB when it ends.
process.on('exit', () => {
  require('node:fs').writeSync(2, `PEAK ${process.resourceUsage().maxRSS}\n`);
});
