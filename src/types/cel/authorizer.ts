/** `authorizer` in expressions (apiserver cel library `authz`): asks who may do what. */
import type { Library } from './library.ts';

export interface AccessQuestion {
  readonly verb: string;
  /** Set for questions about a URL; then the rest is empty. */
  readonly path: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** A service account instead of the one who asks. */
  readonly serviceAccount: { readonly namespace: string; readonly name: string } | undefined;
}

export interface AccessDecision {
  readonly allowed: boolean;
  readonly reason: string;
}

type Decide = (question: AccessQuestion) => AccessDecision;

const nothing: AccessQuestion = {
  verb: '',
  path: '',
  group: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  serviceAccount: undefined,
};

class Check {
  constructor(
    readonly decide: Decide,
    readonly question: AccessQuestion,
  ) {}
}

class PathCheck extends Check {}
class GroupCheck extends Check {}
class ResourceCheck extends Check {}

class Decision {
  constructor(readonly decision: AccessDecision) {}
}

/** The value of the variable `authorizer`. */
export class Authorizer extends Check {
  readonly requestResource: object;

  /** @param resource what the request is about */
  constructor(decide: Decide, resource: Partial<AccessQuestion> = {}, account?: AccessQuestion['serviceAccount']) {
    super(decide, { ...nothing, serviceAccount: account });
    this.requestResource = new ResourceCheck(decide, { ...nothing, ...resource });
  }
}

const A = 'kubernetes.authorization.Authorizer';
const P = 'kubernetes.authorization.PathCheck';
const G = 'kubernetes.authorization.GroupCheck';
const R = 'kubernetes.authorization.ResourceCheck';
const D = 'kubernetes.authorization.Decision';

const withPart =
  (part: 'subresource' | 'namespace' | 'name') =>
  ({ decide, question }: Check, text: string): ResourceCheck =>
    new ResourceCheck(decide, { ...question, [part]: text });
const check = ({ decide, question }: Check, verb: string): Decision => new Decision(decide({ ...question, verb }));

export const authorizers: Library = {
  types: { [A]: Authorizer, [P]: PathCheck, [G]: GroupCheck, [R]: ResourceCheck, [D]: Decision },
  functions: {
    [`${A}.path(string): ${P}`]: ({ decide, question }: Check, path: string) =>
      new PathCheck(decide, { ...question, path }),
    [`${A}.group(string): ${G}`]: ({ decide, question }: Check, group: string) =>
      new GroupCheck(decide, { ...question, group }),
    [`${A}.serviceAccount(string, string): ${A}`]: ({ decide }: Check, namespace: string, name: string) =>
      new Authorizer(decide, {}, { namespace, name }),
    [`${G}.resource(string): ${R}`]: ({ decide, question }: Check, resource: string) =>
      new ResourceCheck(decide, { ...question, resource }),
    [`${R}.subresource(string): ${R}`]: withPart('subresource'),
    [`${R}.namespace(string): ${R}`]: withPart('namespace'),
    [`${R}.name(string): ${R}`]: withPart('name'),
    [`${R}.check(string): ${D}`]: check,
    [`${P}.check(string): ${D}`]: check,
    [`${D}.allowed(): bool`]: ({ decision }: Decision) => decision.allowed,
    [`${D}.reason(): string`]: ({ decision }: Decision) => decision.reason,
    [`${D}.errored(): bool`]: () => false,
    [`${D}.error(): string`]: () => '',
  },
};
