import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedPeer, machinePeer, type Peer, recipes, run } from './peer.ts';

const onWindows = process.platform === 'win32';

export const ministack = pythonPeer('ministack', 'AWS STS and IAM', 'ministack');
export const awsCli = pythonPeer('aws-cli', 'the AWS CLI in a later step', 'aws');
export const botocore = pythonPeer('botocore', 'a Python program in a later step', 'python');
export const goSdk = goPeer('go-sdk', 'Terraform and other Go programs in a later step');
export const node24 = nodePeer('node-24', 'the newer of the two Node.js that agents ship', '24.18.0');
export const openssl = machinePeer('openssl', 'a TLS client that checks certificate chains by itself');
export const curl = machinePeer('curl', 'an HTTP client that uses a proxy by itself');

export const peers: readonly Peer[] = [ministack, awsCli, botocore, goSdk, node24, openssl, curl];

/** A Python program in a virtual environment of its own, every package pinned in its requirements.txt. */
function pythonPeer(name: string, standsFor: string, program: string): Peer {
  const requirements = join(recipes, name, 'requirements.txt');
  const programs = onWindows ? 'Scripts' : 'bin';
  return cachedPeer({
    name,
    standsFor,
    pins: readFileSync(requirements, 'utf8'),
    program: onWindows ? `${programs}/${program}.exe` : `${programs}/${program}`,
    async build(folder) {
      await run(onWindows ? 'python' : 'python3', ['-m', 'venv', folder]);
      const pip = [
        join(folder, programs, 'python'),
        '-m',
        'pip',
        'install',
        '--quiet',
        '--no-input',
      ] as const;
      await run(pip[0], [...pip.slice(1), '--disable-pip-version-check', '--requirement', requirements]);
    },
  });
}

/** A Go program whose source and module versions lie beside the tests. */
function goPeer(name: string, standsFor: string): Peer {
  const source = join(recipes, name);
  const files = readdirSync(source).sort();
  const program = onWindows ? `${name}.exe` : name;
  return cachedPeer({
    name,
    standsFor,
    pins: files.map((file) => `${file}\n${readFileSync(join(source, file), 'utf8')}`).join('\n'),
    program,
    build: (folder) => run('go', ['build', '-o', join(folder, program), '.'], source),
  });
}

/**
 * Node.js as npm has it. The package of one platform holds the binary itself; `node`, the package around it, would
 * need an install script, which npm can be set to refuse.
 */
function nodePeer(name: string, standsFor: string, version: string): Peer {
  const platform = `node-${onWindows ? 'win' : process.platform}-${process.arch}`;
  return cachedPeer({
    name,
    standsFor,
    pins: `${platform}@${version}`,
    program: `node_modules/${platform}/bin/node${onWindows ? '.exe' : ''}`,
    async build(folder) {
      // npm tells its scripts where it is itself; on Windows the command is a batch file that can't be run directly.
      const npm = process.env.npm_execpath;
      const options = ['--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
      const args = ['install', ...options, `${platform}@${version}`];
      await (npm ? run(process.execPath, [npm, ...args]) : run('npm', args));
    },
  });
}
