/** Rules of probes and lifecycle handlers. */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { httpHeaderNameErrors } from '../names.ts';
import { checkNonNegative, checkOneOf, checkPort, checkPortNumber, checkPresent } from '../validation/field-checks.ts';
import { invalidEach } from '../validation/metadata.ts';

interface Handler {
  readonly exec?: core.ExecAction | undefined;
  readonly httpGet?: core.HTTPGetAction | undefined;
  readonly tcpSocket?: core.TCPSocketAction | undefined;
  readonly grpc?: core.GRPCAction | undefined;
  readonly sleep?: core.SleepAction | undefined;
}

function checkExec(exec: core.ExecAction, at: IssueSink): void {
  if ((exec.command ?? []).length === 0) at.at('command').required();
}

function checkHTTPGet(http: core.HTTPGetAction, at: IssueSink): void {
  checkPresent(http.path, at.at('path'));
  checkPort(http.port, at.at('port'));
  checkOneOf(http.scheme, ['HTTP', 'HTTPS'], at.at('scheme'));
  for (const header of http.httpHeaders ?? []) {
    invalidEach(at.at('httpHeaders'), header.name, httpHeaderNameErrors(header.name));
  }
}

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

function checkHandler(handler: Handler, at: IssueSink, gracePeriod: number): void {
  const [first, ...others] = handlers.filter((name) => handler[name] !== undefined);
  if (first === undefined) {
    at.required('must specify a handler type');
    return;
  }
  const place = at.at(first);
  if (first === 'exec' && handler.exec) checkExec(handler.exec, place);
  if (first === 'httpGet' && handler.httpGet) checkHTTPGet(handler.httpGet, place);
  if (first === 'tcpSocket') checkPort(handler.tcpSocket?.port, place.at('port'));
  if (first === 'grpc') checkPortNumber(handler.grpc?.port, place.at('port'));
  if (first === 'sleep' && handler.sleep) {
    const { seconds } = handler.sleep;
    if (seconds < 0 || seconds > gracePeriod) {
      place.invalid(
        seconds,
        `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod}). Set AllowZero to true to allow zero value`,
      );
    }
  }
  for (const name of others) at.at(name).forbidden('may not specify more than 1 handler type');
}

const counts = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

function checkProbe(probe: core.Probe, at: IssueSink, gracePeriod: number): void {
  checkHandler(probe, at, gracePeriod);
  for (const name of counts) checkNonNegative(probe[name], at.at(name));
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0)
    at.at('terminationGracePeriodSeconds').invalid(grace, 'must be greater than 0');
}

function checkSingleSuccess(probe: core.Probe, at: IssueSink): void {
  if ((probe.successThreshold ?? 1) !== 1) at.at('successThreshold').invalid(probe.successThreshold, 'must be 1');
}

interface Probed {
  readonly livenessProbe?: core.Probe | undefined;
  readonly readinessProbe?: core.Probe | undefined;
  readonly startupProbe?: core.Probe | undefined;
}

export function checkProbes(container: Probed, at: IssueSink, gracePeriod: number): void {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  if (livenessProbe) {
    checkProbe(livenessProbe, at.at('livenessProbe'), gracePeriod);
    checkSingleSuccess(livenessProbe, at.at('livenessProbe'));
  }
  if (readinessProbe) {
    const place = at.at('readinessProbe');
    checkProbe(readinessProbe, place, gracePeriod);
    if (readinessProbe.terminationGracePeriodSeconds !== undefined) {
      place
        .at('terminationGracePeriodSeconds')
        .invalid(readinessProbe.terminationGracePeriodSeconds, 'must not be set for readinessProbes');
    }
  }
  if (startupProbe) {
    checkProbe(startupProbe, at.at('startupProbe'), gracePeriod);
    checkSingleSuccess(startupProbe, at.at('startupProbe'));
  }
}

export function checkLifecycle(lifecycle: core.Lifecycle | undefined, at: IssueSink, gracePeriod: number): void {
  if (lifecycle?.postStart) checkHandler(lifecycle.postStart, at.at('postStart'), gracePeriod);
  if (lifecycle?.preStop) checkHandler(lifecycle.preStop, at.at('preStop'), gracePeriod);
}
