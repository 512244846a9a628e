/** One call of STS on its way through the service. */
import type { SandboxRequest, Surroundings } from '../http.ts';
import type { Parameters } from './parameters.ts';
import type { Endpoint } from './partitions.ts';
import type { Sessions } from './sessions.ts';

export interface StsCall {
  readonly request: SandboxRequest;
  readonly surroundings: Surroundings;
  readonly sessions: Sessions;
  /** Which partition and Region the call went to. */
  readonly endpoint: Endpoint;
  readonly parameters: Parameters;
}
