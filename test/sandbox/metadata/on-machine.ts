/** A sandbox whose machine has metadata services, and a client on that machine. */
import { type Sandbox, startSandbox } from '../../../sandbox/sandbox.ts';
import { parseWorld, type World } from '../../../sandbox/world.ts';
import { contosoYaml } from '../contoso.ts';

/** @param machine lines of the world's `machine`, indented by two */
export function startOn(machine: string, change: (world: World) => void = () => {}): Promise<Sandbox> {
  const world = parseWorld(contosoYaml.replace('machine:\n', `machine:\n${machine}\n`), 'world.yml');
  change(world);
  return startSandbox(world);
}

/** Asks a service that has an address and no name. */
export async function ask(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; text: string }> {
  const answer = await fetch(url, { method, headers, signal: AbortSignal.timeout(2000) });
  return { status: answer.status, text: await answer.text() };
}
