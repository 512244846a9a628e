import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { findTaskFolders } from '../../scripts/task-folders.ts';
import { handlerTargets } from '../../scripts/task-manifest.ts';
import { packageExtension, type Vsix } from '../../scripts/vsix.ts';
import { root } from './repository.ts';
import { withRepository } from './small-repository.ts';

const run = promisify(execFile);
const megabyte = 1_000_000;

describe('the VSIX', () => {
  let folder: string;
  let vsix: Vsix;
  let parts: Map<string, Buffer>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'a VSIX '));
    vsix = await packageExtension(root, folder);
    parts = new Map(Object.entries(unzipSync(vsix.bytes)).map(([path, bytes]) => [path, Buffer.from(bytes)]));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it('is the same to the byte when `npm run package` makes it, later and in another time zone', async () => {
    const script = ['--import', 'tsx', 'scripts/package.ts'];
    const env = { ...process.env, TZ: 'Pacific/Kiritimati' };
    const { stdout } = await run(process.execPath, script, { cwd: root, env });
    const again = await readFile(join(root, 'dist', `keyless-delivery-${await version()}.vsix`));
    assert(again.equals(vsix.bytes));
    assert(stdout.includes(`sha256 ${createHash('sha256').update(again).digest('hex')}`));
    for (const path of parts.keys())
      assert(stdout.includes(path), `${path} is missing in the table of sizes`);
  });

  it('has the version of package.json and the publisher asked for', async () => {
    assert(identity(parts).includes(`Publisher="keyless-delivery" Version="${await version()}"`));
    const other = await packageExtension(root, join(folder, 'other'), 'contoso');
    assert(identity(new Map(Object.entries(unzipSync(other.bytes)))).includes('Publisher="contoso"'));
  });

  it('holds the built tasks, the licences and the Marketplace page, and nothing else', async () => {
    const expected = [
      ...['[Content_Types].xml', 'extension.vsixmanifest', 'extension.vsomanifest'],
      ...['overview.md', 'LICENSE', 'ThirdPartyNotices.txt', 'images/icon.png', 'images/icon-large.png'],
    ];
    const others = [...parts.keys()].filter((path) => !path.startsWith('tasks/'));
    assert.deepEqual(others.sort(), expected.sort());
    assert.match(String(parts.get('LICENSE')), /^MIT License/);

    for (const { path, manifest } of await findTaskFolders(join(root, 'tasks'))) {
      const inTask = [...parts.keys()].filter((part) => part.startsWith(`tasks/${path}/`));
      for (const file of ['task.json', 'icon.png', 'package.json', ...handlerTargets(manifest)]) {
        assert(inTask.includes(`tasks/${path}/${file}`), file);
      }
      for (const part of inTask) assert.match(part, /\.(js|json|png|resjson)$/);
    }
  });

  it('names every package that has code in a bundle', () => {
    const notices = String(parts.get('ThirdPartyNotices.txt'));
    for (const name of ['@aws-sdk/core', '@smithy/core', '@smithy/signature-v4', 'zod']) {
      assert.match(notices, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(.+\\)$`, 'm'));
    }
  });

  it('has no source maps and no paths of the machine it was made on', () => {
    for (const [path, bytes] of parts) {
      assert(!path.endsWith('.map'));
      assert(!bytes.includes('sourceMappingURL='), path);
      assert(!bytes.includes(root), path);
    }
  });

  it('is at most 3 MB, and no bundle of AwsFederate more than 700 KB', () => {
    assert(vsix.bytes.length <= 3 * megabyte, `${vsix.bytes.length} bytes`);
    const bundles = [...parts].filter(([path]) => /^tasks\/AwsFederate\/.*\.js$/.test(path));
    assert(bundles.length > 0);
    for (const [path, bytes] of bundles)
      assert(bytes.length <= 0.7 * megabyte, `${path}: ${bytes.length} bytes`);
  });

  it('has tasks that start from a folder with spaces, below a package.json that says "module"', async () => {
    const work = join(folder, 'agent work', '_tasks');
    await mkdir(work, { recursive: true });
    await writeFile(join(folder, 'agent work', 'package.json'), '{"type":"module"}');
    for (const [path, bytes] of parts) {
      await mkdir(dirname(join(work, path)), { recursive: true });
      await writeFile(join(work, path), bytes);
    }
    const environment = { PATH: process.env.PATH, AGENT_TEMPDIRECTORY: folder };
    for (const { path, manifest } of await findTaskFolders(join(root, 'tasks'))) {
      for (const target of handlerTargets(manifest)) {
        const { stdout, stderr } = await run(process.execPath, [join(work, 'tasks', path, target)], {
          cwd: folder,
          env: environment,
        });
        assert.match(stdout, /^##vso\[task\.complete result=(Failed|Succeeded);?\]/m, target);
        assert.doesNotMatch(
          stdout + stderr,
          /INTERNAL|Cannot find module|SyntaxError|ReferenceError/,
          target,
        );
      }
    }
  });
});

describe('packaging', () => {
  const files = (links: object) => ({
    'tasks/Sample/SampleV1/main.ts': 'console.log(1);',
    'tasks/Sample/SampleV1/post-job.ts': 'console.log(2);',
    'package.json': '{"version":"1.2.3"}',
    'overview.md': '# Sample',
    LICENSE: 'MIT License',
    'images/icon.png': 'an icon',
    'vss-extension.json': JSON.stringify({
      ...{ manifestVersion: 1, id: 'sample', publisher: 'sample', name: 'Sample', version: '0.0.0', links },
      targets: [{ id: 'Microsoft.VisualStudio.Services' }],
      categories: ['Azure Pipelines'],
      files: [{ path: 'tasks' }],
      contributions: [
        {
          id: 'sample',
          type: 'ms.vss-distributed-task.task',
          targets: ['ms.vss-distributed-task.tasks'],
          properties: { name: 'tasks/Sample' },
        },
      ],
    }),
  });

  it('fails when tfx warns', async () => {
    await withRepository(files({ support: { uri: 'https://example.com/' } }), async ({ root }) => {
      const { file } = await packageExtension(root, join(root, 'dist'));
      assert.equal(basename(file), 'keyless-delivery-1.2.3.vsix');
    });
    await withRepository(files({ support: {} }), async ({ root }) => {
      await assert.rejects(
        packageExtension(root, join(root, 'dist')),
        /tfx warned.*'uri' property not found/s,
      );
    });
  });
});

function identity(parts: ReadonlyMap<string, Uint8Array>): string {
  const manifest = Buffer.from(parts.get('extension.vsixmanifest') ?? '').toString();
  return /<Identity [^>]*>/.exec(manifest)?.[0] ?? '';
}

async function version(): Promise<string> {
  return JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version;
}
