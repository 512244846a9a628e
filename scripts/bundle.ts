import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { build, formatMessages, type Plugin, transform } from 'esbuild';
import type { TaskFolder } from './task-folders.ts';
import { handlerTargets } from './task-manifest.ts';

/** The oldest Node.js the bundles are compiled for and the door lets in; agents ship 20 and 24. */
const minimumNode = 20;

/** A task as an agent downloads it. */
export interface BundledTask {
  readonly task: TaskFolder;
  /** Content by path below the task's folder, sorted by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Folders of the npm packages that have code in a bundle, below `root`. */
  readonly packages: ReadonlySet<string>;
}

/**
 * Bundles one task. Every *.ts at the top of its folder is an entry point: those that a handler in task.json names
 * get a door in front, the others (programs that other processes run) are bundles under their own name.
 * Everything else in the folder is shipped as it is: task.json, icon.png, Strings/.
 * Throws when a handler's source is missing, and esbuild's own report on whatever it fails at or only warns of.
 */
export async function bundleTask(task: TaskFolder, root: string): Promise<BundledTask> {
  const paths = await filesBelow(task.folder);
  const entries = paths.filter((path) => /^[^/]+\.ts$/.test(path)).map((path) => basename(path, '.ts'));
  const handlers = handlerTargets(task.manifest).map((target) => basename(target, '.js'));
  const missing = handlers.find((handler) => !entries.includes(handler));
  if (missing) {
    throw new Error(
      `tasks/${task.path}/task.json starts ${missing}.js, but there is no ${missing}.ts beside it`,
    );
  }

  const files = new Map<string, Uint8Array>();
  for (const path of paths.filter((each) => !each.endsWith('.ts'))) {
    files.set(path, await readFile(join(task.folder, path)));
  }
  // Node looks for the nearest package.json: one above the agent's work folder must not decide.
  files.set('package.json', Buffer.from('{"type":"commonjs"}\n'));
  for (const handler of handlers) {
    files.set(`${handler}.js`, await door(task, `./${bundleName(handler)}.js`, root));
  }
  const entryPoints = entries.map((entry) => ({
    in: join(task.folder, `${entry}.ts`),
    out: handlers.includes(entry) ? bundleName(entry) : entry,
  }));
  const { outputFiles, metafile, warnings } = await bundle(entryPoints, root);
  if (warnings.length > 0) throw new Error((await formatMessages(warnings, { kind: 'warning' })).join('\n'));
  for (const { path, contents } of outputFiles) files.set(basename(path), contents);
  return { task, files: new Map([...files].sort(byPath)), packages: packagesOf(metafile.outputs) };
}

function bundle(entryPoints: { in: string; out: string }[], root: string) {
  return build({
    absWorkingDir: root,
    entryPoints,
    outdir: join(root, 'out'),
    write: false,
    metafile: true,
    bundle: true,
    minify: true,
    platform: 'node',
    target: `node${minimumNode}`,
    format: 'cjs',
    // ES modules can be tree-shaken, CommonJS cannot: a half of the size and of the time to load, with the AWS SDK.
    mainFields: ['module', 'main'],
    // The licences go into ThirdPartyNotices.txt.
    legalComments: 'none',
    plugins: [entriesStayApart(entryPoints.map((entry) => entry.in))],
    charset: 'utf8',
    logLevel: 'silent',
  });
}

/** An entry that another one imports when it needs it is loaded then, and not copied into it. */
function entriesStayApart(entries: readonly string[]): Plugin {
  return {
    name: 'entries stay apart',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/[\w-]+\.ts$/ }, ({ kind, path, resolveDir }) =>
        kind === 'dynamic-import' && entries.includes(join(resolveDir, path))
          ? { path: path.replace(/\.ts$/, '.js'), external: true }
          : undefined,
      );
    },
  };
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

/** `main.js` is the door to `task.js`, any other handler `x.js` to `x-task.js`. */
function bundleName(handler: string): string {
  return handler === 'main' ? 'task' : `${handler}-task`;
}

async function door(task: TaskFolder, bundle: string, root: string): Promise<Uint8Array> {
  const { name, version } = task.manifest;
  const { code } = await transform(await readFile(join(root, 'tasks/door.cjs'), 'utf8'), {
    target: 'es5',
    minify: true,
    define: {
      TASK: JSON.stringify(`${name}@${version.Major}`),
      MINIMUM_NODE: String(minimumNode),
      BUNDLE: JSON.stringify(bundle),
    },
  });
  return Buffer.from(code);
}

function packagesOf(
  outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>,
): Set<string> {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return new Set(
    inputs.flatMap(([path, { bytesInOutput }]) => {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
      return folder && bytesInOutput > 0 ? [folder] : [];
    }),
  );
}

function byPath([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : 1;
}
