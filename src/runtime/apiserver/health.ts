/** /healthz, /livez and /readyz: named checks, each of which can be asked alone, left out, or listed. */
export interface HealthCheck {
  readonly name: string;
  /** Only readiness asks it: a part that is still starting does not make the server dead. */
  readonly readinessOnly?: boolean;
  /** Undefined when all is well, else what is wrong. */
  check(): string | undefined;
}

export interface HealthAnswer {
  readonly status: number;
  readonly text: string;
}

export type HealthEndpoint = 'healthz' | 'livez' | 'readyz';

export class HealthChecks {
  readonly #checks: HealthCheck[] = [{ name: 'ping', check: () => undefined }];

  add(check: HealthCheck): void {
    this.#checks.push(check);
  }

  get ready(): boolean {
    return this.#checks.every((check) => check.check() === undefined);
  }

  /** Undefined for a check that does not exist. */
  answer(endpoint: HealthEndpoint, name: string, query: URLSearchParams): HealthAnswer | undefined {
    const asked = this.#checks.filter((check) => endpoint === 'readyz' || check.readinessOnly !== true);
    const excluded = new Set(query.getAll('exclude'));
    const chosen = asked.filter((check) => (name === '' ? !excluded.has(check.name) : check.name === name));
    if (name !== '' && chosen.length === 0) return undefined;
    const results = chosen.map((check) => ({ name: check.name, fault: check.check() }));
    const sound = results.every(({ fault }) => fault === undefined);
    if (sound && !query.has('verbose')) return { status: 200, text: 'ok' };
    const lines = results.map(({ name: check, fault }) =>
      fault === undefined
        ? `[+]${check} ok`
        : `[-]${check} failed: ${query.has('verbose') ? fault : 'reason withheld'}`,
    );
    return {
      status: sound ? 200 : 500,
      text: `${lines.join('\n')}\n${endpoint} check ${sound ? 'passed' : 'failed'}\n`,
    };
  }
}
