/** /metrics in the Prometheus text format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import type { Store } from '../storage/store.ts';

const BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 5, 30];

interface Series {
  count: number;
  seconds: number;
  readonly buckets: number[];
}

export class Metrics {
  readonly #started: Milliseconds;
  readonly #requests = new Map<string, number>();
  readonly #durations = new Map<string, Series>();
  #watches = 0;

  constructor(readonly clock: Clock) {
    this.#started = clock.monotonic();
  }

  /** Call when a request begins; the answer is to be called with its code when it ends. */
  begin(verb: string, resource: string): (code: number) => void {
    const from = this.clock.monotonic();
    const watching = verb === 'watch';
    if (watching) this.#watches++;
    return (code) => {
      if (watching) this.#watches--;
      const labels = `verb=${JSON.stringify(verb.toUpperCase())},resource=${JSON.stringify(resource)}`;
      const request = `${labels},code="${code}"`;
      this.#requests.set(request, (this.#requests.get(request) ?? 0) + 1);
      if (!watching) this.#observe(labels, (this.clock.monotonic() - from) / 1000);
    };
  }

  text(store: Store): string {
    const memory = process.memoryUsage();
    const lines = [
      ...help('apiserver_request_total', 'counter', 'Requests by verb, resource and HTTP code.'),
      ...[...this.#requests].map(([labels, count]) => `apiserver_request_total{${labels}} ${count}`),
      ...help('apiserver_request_duration_seconds', 'histogram', 'Time to answer, watches excepted.'),
      ...[...this.#durations].flatMap(([labels, series]) =>
        histogram('apiserver_request_duration_seconds', labels, series),
      ),
      ...help('apiserver_longrunning_requests', 'gauge', 'Watches that are open.'),
      `apiserver_longrunning_requests{verb="WATCH"} ${this.#watches}`,
      ...help('kubewright_store_revision', 'gauge', 'Revision of the last acknowledged write.'),
      `kubewright_store_revision ${store.revision}`,
      ...help('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.'),
      `process_resident_memory_bytes ${memory.rss}`,
      ...help('process_uptime_seconds', 'gauge', 'Time since the server was made.'),
      `process_uptime_seconds ${((this.clock.monotonic() - this.#started) / 1000).toFixed(3)}`,
    ];
    return `${lines.join('\n')}\n`;
  }

  #observe(labels: string, seconds: number): void {
    let series = this.#durations.get(labels);
    if (!series) {
      series = { count: 0, seconds: 0, buckets: BUCKETS.map(() => 0) };
      this.#durations.set(labels, series);
    }
    series.count++;
    series.seconds += seconds;
    for (const [index, limit] of BUCKETS.entries())
      if (seconds <= limit) series.buckets[index] = (series.buckets[index] ?? 0) + 1;
  }
}

function help(name: string, type: string, text: string): readonly string[] {
  return [`# HELP ${name} ${text}`, `# TYPE ${name} ${type}`];
}

function histogram(name: string, labels: string, series: Series): readonly string[] {
  return [
    ...BUCKETS.map((limit, index) => `${name}_bucket{${labels},le="${limit}"} ${series.buckets[index] ?? 0}`),
    `${name}_bucket{${labels},le="+Inf"} ${series.count}`,
    `${name}_sum{${labels}} ${series.seconds}`,
    `${name}_count{${labels}} ${series.count}`,
  ];
}
