export { type Connections, type NetworkSettings, openConnections } from './connections.ts';
export { isTransient, type NetworkFault, networkFaultOf, retryAfterSeconds } from './faults.ts';
export { type HttpRequest, type HttpResponse, send, TimedOutError, timeouts } from './http.ts';
export { type ProxyBypass, type ProxySettings, proxyFor, proxyFromStandardVariables } from './proxy.ts';
export { DeadlineError, type RetryPolicy, retry } from './retry.ts';
export { ProxyRefusedError } from './tunnel.ts';
