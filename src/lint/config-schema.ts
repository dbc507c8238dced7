/** The form of `kubewright.config.ts`, and what to say of one that has another. */
import { Ajv } from 'ajv';
import type { ErrorObject } from 'ajv';
import { nearest } from '../compiler/nearest.ts';
import { isRecord } from '../shared/deep.ts';
import { ConfigError } from './config-error.ts';
import type { LintConfig } from './config.ts';
import { presets } from './presets.ts';
import { targetVersions } from './target-version.ts';
import { traitNames } from './user-rule.ts';

const texts = { type: 'array', items: { type: 'string' } };
const severity = { enum: ['error', 'warning', 'info'] };
const severityOrOff = { enum: ['error', 'warning', 'info', 'off'] };
const preset = { enum: Object.keys(presets) };

const rules = {
  type: 'object',
  additionalProperties: {
    if: { type: 'object' },
    then: {
      type: 'object',
      properties: { severity: severityOrOff, options: { type: 'object' } },
      additionalProperties: false,
    },
    else: severityOrOff,
  },
};

const override = {
  type: 'object',
  properties: { files: texts, kinds: texts, namespaces: texts, names: texts, rules },
  required: ['rules'],
  additionalProperties: false,
};

const externalRef = {
  type: 'object',
  properties: { kind: { type: 'string' }, name: { type: 'string' }, namespace: { type: 'string' } },
  required: ['kind', 'name'],
  additionalProperties: false,
};

const cel = {
  if: { type: 'object' },
  then: {
    properties: { expression: { type: 'string' }, messageExpression: { type: 'string' } },
    required: ['expression'],
    additionalProperties: false,
  },
  else: { type: 'string' },
};

/** Also takes rules in the form of our own, which say more of themselves. */
const customRule = {
  type: 'object',
  properties: {
    id: { type: 'string', pattern: '^[a-z0-9-]+/[A-Za-z0-9._-]+$' },
    severity,
    summary: { type: 'string' },
    why: { type: 'string' },
    kinds: texts,
    trait: { enum: traitNames },
    options: { type: 'object' },
    looksAround: { type: 'boolean' },
    check: { isFunction: true },
    checkText: { isFunction: true },
    appliesTo: { isFunction: true },
    schema: { type: 'object' },
    cel,
    at: { enum: ['object', 'pod', 'container'] },
    path: { type: 'string' },
    message: { type: 'string' },
    recommended: { type: 'boolean' },
    certain: { type: 'boolean' },
    matterOfTaste: { type: 'boolean' },
    podSecurity: { enum: ['baseline', 'restricted'] },
    aliases: texts,
    bad: { type: 'string' },
    good: { type: 'string' },
  },
  required: ['id'],
  additionalProperties: false,
};

const configSchema = {
  type: 'object',
  properties: {
    kubernetesVersion: {
      type: 'string',
      pattern: `^v?(?:${targetVersions.join('|').replaceAll('.', '\\.')})(?:\\.\\d+)?$`,
    },
    extends: { if: { type: 'array' }, then: { items: preset }, else: preset },
    rules,
    overrides: { type: 'array', items: override },
    ignore: texts,
    externalRefs: { type: 'array', items: externalRef },
    customRules: { type: 'array', items: customRule },
    base: { type: 'string' },
    baseline: { type: 'string' },
  },
  additionalProperties: false,
};

/** `rules["images/latest"].severity` for `/rules/images~1latest/severity`. */
function shownPath(pointer: string): string {
  const steps = pointer.split('/').slice(1);
  return steps
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((name, index) => {
      if (/^\d+$/.test(name)) return `[${name}]`;
      if (!/^[A-Za-z_]\w*$/.test(name)) return `[${JSON.stringify(name)}]`;
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}

function known(schemaAt: unknown): readonly string[] {
  const properties = isRecord(schemaAt) ? schemaAt['properties'] : undefined;
  return isRecord(properties) ? Object.keys(properties) : [];
}

function complaint({ keyword, instancePath, params, message = '', parentSchema, data }: ErrorObject): string {
  const place = shownPath(instancePath);
  const at = place === '' ? '' : ` in ${place}`;
  switch (keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty']);
      const similar = nearest(name, known(parentSchema));
      return `there is no setting ${name}${at}${similar === undefined ? '' : `; did you mean ${similar}?`}`;
    }
    case 'required':
      return `${String(params['missingProperty'])} is missing${at}`;
    case 'enum': {
      const allowed = isRecord(params) && Array.isArray(params['allowedValues']) ? params['allowedValues'] : [];
      const similar = typeof data === 'string' ? nearest(data, allowed.map(String)) : undefined;
      const meant = similar === undefined ? '' : `; did you mean ${similar}?`;
      return `${place} must be one of ${allowed.join(', ')}, not ${JSON.stringify(data)}${meant}`;
    }
    case 'pattern':
      return place === 'kubernetesVersion'
        ? `${place} must be one of ${targetVersions.join(', ')}, not ${JSON.stringify(data)}`
        : `${place} must be a category, a slash and a name, as in custom/team-label, not ${JSON.stringify(data)}`;
    case 'isFunction':
      return `${place} must be a function`;
    default:
      return place === '' ? `the default export ${message}` : `${place} ${message}`;
  }
}

/** @throws ConfigError that says what is wrong and where */
export function checkedConfig(value: unknown): LintConfig {
  const ajv = new Ajv({ allErrors: true, strict: false, verbose: true, logger: false });
  ajv.addKeyword({ keyword: 'isFunction', validate: (_: unknown, data: unknown) => typeof data === 'function' });
  const validate = ajv.compile<LintConfig>(configSchema);
  if (validate(value)) return value;
  // What a condition says is said by what it leads to.
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if');
  throw new ConfigError(errors.map(complaint).join('; '));
}
