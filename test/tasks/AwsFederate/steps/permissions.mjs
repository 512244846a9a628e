// Lists what the task has written for later steps, with the permissions it has.
import { lstatSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const folder = dirname(process.env.AWS_CONFIG_FILE);
const show = (path) =>
  console.log(`${(lstatSync(path).mode & 0o777).toString(8)} ${relative(dirname(folder), path)}`);
show(folder);
for (const entry of readdirSync(folder, { recursive: true }).sort()) show(join(folder, entry));
