import type { Clock } from '../../../shared/clock.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import type { KubeObject } from '../../../types/meta.ts';
import type { ObjectDraft } from '../fields.ts';
import type { ObjectReader } from '../object-reader.ts';
import type { UserInfo } from '../request.ts';
import type { DocumentKind } from '../subresources/subresource.ts';

/** A write on its way to the store, or a connection to something of an object. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly kind: KindDefinition;
  /** What is admitted, where that is no object of the kind: the options of a connection. */
  readonly document?: DocumentKind;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** What is stored, for updates and deletions. */
  readonly previous: KubeObject | undefined;
  /** Current objects, straight from the store. */
  readonly reader: ObjectReader;
  readonly clock: Clock;
  /** Adds a Warning header to the answer, once however often it is said. */
  warn(text: string): void;
  /** Registers what is to be done once the write has succeeded or failed, such as giving back a reservation. */
  onFinished(action: () => void): void;
}

/** One concern of admission. A refusal is a thrown `ApiError`. */
export interface AdmissionPlugin {
  readonly name: string;
  handles(request: AdmissionRequest): boolean;
  /** Whether connections are its business, too; without it, it is asked about writes only. */
  readonly connections?: true;
  /** Completes the object; runs before validation. */
  mutate?(request: AdmissionRequest, draft: ObjectDraft): Promise<void>;
  /** Has the last word; runs after validation. `object` is undefined for deletions. */
  validate?(request: AdmissionRequest, object: KubeObject | undefined): Promise<void>;
}
